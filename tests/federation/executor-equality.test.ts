// The executor answers as Apollo's own does: random operations over several supergraphs, whose subgraphs fail in parts,
// through both, on the same plan. Where that plan leaves out something of the operation, it is the one that the executor
// makes in its place.
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FragmentDefinitionNode, GraphQLError, OperationDefinitionNode } from 'graphql';
import { Kind, parse } from 'graphql';
import { createExecutor } from '../../gateway/execution/executor.ts';
import { planHere } from '../../gateway/execution/plan-here.ts';
import { serviceNames } from '../../platform/config.ts';
import { AppError } from '../../platform/errors.ts';
import { printContract } from '../../platform/subgraph/print-contract.ts';
import type { Faults, MadeUpSubgraph, MadeUpWorld } from '../support/made-up-subgraph.ts';
import { makeUpDataSource } from '../support/made-up-subgraph.ts';
import { library, media, shop } from '../support/made-up-supergraphs.ts';
import type { RandomOperation } from '../support/random-operation.ts';
import { makeUpOperation } from '../support/random-operation.ts';

// Apollo's gateway reads it when it is loaded.
process.env.APOLLO_TELEMETRY_DISABLED = 'true';
const { executeQueryPlan } = await import('@apollo/gateway/dist/executeQueryPlan.js');

const own = serviceNames.map((name) => ({ name, sdl: printContract(name) }));

interface Outcome {
  readonly data: string | undefined;
  readonly errors: readonly string[];
  /** Repeated fields are looked at once here and singly there, so that not the same number of faults is found. */
  readonly isFaulty: boolean;
}

const told = ({ message, path, extensions }: GraphQLError, withPath: boolean): string =>
  JSON.stringify([message, withPath ? (path ?? null) : '-', extensions ?? null]);

function bothExecutors(subgraphs: readonly MadeUpSubgraph[]) {
  const composed = composeServices(
    subgraphs.map(({ name, sdl }) => ({ name, url: `made-up://${name}`, typeDefs: parse(sdl) })),
  );
  if (composed.supergraphSdl === undefined) throw new Error(composed.errors?.map(({ message }) => message).join('\n'));
  const { supergraphSdl } = composed;
  const world: MadeUpWorld = { faults: { seed: 0, rate: 0 } };
  const dataSources = Object.fromEntries(subgraphs.map((one) => [one.name, makeUpDataSource(one, world)]));
  /** Apollo's executor numbers entities wrongly where one of them lacks what is required. */
  let isNumberedRightly = true;
  const executor = createExecutor({
    supergraphSdl,
    dataSources,
    budget: { milliseconds: 500 },
    planner: planHere,
    onFetch: ({ entities, complete }) => {
      if (complete < entities) isNumberedRightly = false;
    },
  });
  const supergraph = Supergraph.build(supergraphSdl);
  const apiSchema = supergraph.apiSchema();
  const schema = apiSchema.toGraphQLJSSchema();
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();

  async function compare(
    { source, variables }: RandomOperation,
    faults: Faults,
  ): Promise<{ ours: Outcome; theirs: Outcome }> {
    world.faults = faults;
    const document = parse(source);
    isNumberedRightly = true;
    const answer = await executor.execute({ source, document }, { variables, context: {} });
    const compiled = await executor.compile({ source, document });
    const { plan: node } = await compiled.variantFor(compiled.readVariables(variables) as ReadonlyMap<string, boolean>);
    const operation = document.definitions.find(
      (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
    );
    const fragments = document.definitions.filter(
      (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
    );
    const plan = { kind: 'QueryPlan', ...(node === undefined ? {} : { node }) } as QueryPlan;
    const theirs = await executeQueryPlan(
      plan,
      dataSources,
      { request: { variables }, context: {}, metrics: {}, schema } as never,
      { schema, operation: operation as never, fragments: Object.fromEntries(fragments.map((f) => [f.name.value, f])) },
      supergraphSchema,
      apiSchema,
    );
    const list = (errors: readonly unknown[] | undefined) =>
      (errors ?? []).map((error) => told(error as GraphQLError, isNumberedRightly)).toSorted();
    return {
      ours: { data: answer.data?.text, errors: list(answer.errors), isFaulty: answer.faults !== undefined },
      theirs: {
        data: theirs.data === undefined ? undefined : JSON.stringify(theirs.data),
        errors: list(theirs.errors),
        isFaulty: theirs.extensions?.valueCompletion !== undefined,
      },
    };
  }

  /** Apollo's planner throws at a few operations, mostly about `@interfaceObject`. */
  async function isBeyondPlanner({ source, variables }: RandomOperation): Promise<boolean> {
    try {
      const compiled = await executor.compile({ source, document: parse(source) });
      await compiled.variantFor(compiled.readVariables(variables) as ReadonlyMap<string, boolean>);
      return false;
    } catch (error) {
      if (error instanceof AppError && error.code !== 'OPERATION_TOO_LARGE') throw error;
      return true;
    }
  }

  return { compare, isBeyondPlanner, schema };
}

describe.each([
  { name: 'a shop with @requires and @provides', subgraphs: shop, depth: 4, runs: 550 },
  { name: 'a library with interfaces and unions', subgraphs: library, depth: 4, runs: 550 },
  { name: 'media with @interfaceObject', subgraphs: media, depth: 3, runs: 300 },
  { name: 'our own contracts', subgraphs: own, depth: 5, runs: 150 },
])('$name', ({ subgraphs, depth, runs }) => {
  const { compare, isBeyondPlanner, schema } = bothExecutors(subgraphs);
  const size = fc.integer({ min: 1, max: 4 });
  const noFaults = { seed: 0, rate: 0 };
  const rate = fc.constantFrom(0.3, 1);

  test('random operations have the same answer', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), size, fc.boolean(), rate, async (seed, width, mutates, faultRate) => {
        const root = mutates && schema.getMutationType() ? 'mutation' : 'query';
        const operation = makeUpOperation(schema, seed, { root, depth, width });
        if (operation === undefined) return;
        if (await isBeyondPlanner(operation)) return;
        for (const faults of [noFaults, { seed, rate: faultRate }]) {
          const { ours, theirs } = await compare(operation, faults);
          expect({ ...ours, operation }).toEqual({ ...theirs, operation });
        }
        compared += 1;
      }),
      { numRuns: runs },
    );
    expect(compared).toBeGreaterThan(runs / 2);
  });
});
