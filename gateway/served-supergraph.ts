// The supergraph that the gateway serves, changed whole. What was validated against a schema is planned and executed by the
// executor of that schema, so that an operation under way ends on the supergraph that it began with.
import type { GraphQLSchema } from 'graphql';
import { parse } from 'graphql';
import { invariant } from '../platform/errors.ts';
import { subscriptionTopics } from '../platform/subgraph/contract.ts';
import type { Contract } from './compose.ts';
import type { Executor } from './execution/executor.ts';
import type { Metrics } from './metrics.ts';
import type { SupergraphHolder } from './supergraph-holder.ts';
import { createSupergraphHolder } from './supergraph-holder.ts';
import type { SupergraphParts, SupergraphState } from './supergraph-state.ts';
import { buildSupergraphState } from './supergraph-state.ts';

/** Contracts and what they compose to. */
export interface ComposedSupergraph {
  readonly contracts: readonly Contract[];
  readonly supergraphSdl: string;
}

export interface ServedSupergraph {
  readonly holder: SupergraphHolder;
  /** What executes operations that were validated against a schema which is or was served. */
  executorOf(schema: GraphQLSchema): Executor;
  /** What a schema is of that is or was served. */
  composedOf(schema: GraphQLSchema): ComposedSupergraph;
  current(): ComposedSupergraph;
  /** Takes the place of what is served. Rejects, with nothing changed, when it cannot be planned with. */
  change(next: ComposedSupergraph): Promise<void>;
  close(): Promise<void>;
}

export interface ServedSupergraphParts {
  readonly dataSources: SupergraphParts['dataSources'];
  readonly metrics: Pick<Metrics, 'compiled'>;
  /** As executors take it. */
  readonly planner?: SupergraphParts['planner'];
}

/** So many operations are ready before another supergraph takes over. */
const warmedOperations = 100;

export function serveSupergraph(
  first: ComposedSupergraph,
  { dataSources, metrics, planner }: ServedSupergraphParts,
): ServedSupergraph {
  const prepared = new WeakMap<GraphQLSchema, { readonly executor: Executor; readonly composed: ComposedSupergraph }>();

  function prepare(supergraph: ComposedSupergraph): SupergraphState {
    const { contracts, supergraphSdl } = supergraph;
    const next = buildSupergraphState({
      supergraphSdl,
      dataSources,
      topics: topicsOf(contracts),
      onCompile: metrics.compiled,
      ...(planner === undefined ? {} : { planner }),
    });
    prepared.set(next.schema, { executor: next.executor, composed: supergraph });
    return next;
  }

  function find(schema: GraphQLSchema) {
    const found = prepared.get(schema);
    invariant(found !== undefined, 'operations are validated against a schema that was served');
    return found;
  }

  let composed = first;
  let state = prepare(first);
  const holder = createSupergraphHolder(state);
  return {
    holder,
    current: () => composed,
    async change(next) {
      const nextState = prepare(next);
      await nextState.executor.warmUp(state.executor, warmedOperations);
      const before = state;
      state = nextState;
      composed = next;
      holder.change(state);
      // What was validated against its schema is still planned by it.
      await before.executor.close();
    },
    close: () => state.executor.close(),
    executorOf: (schema) => find(schema).executor,
    composedOf: (schema) => find(schema).composed,
  };
}

function topicsOf(contracts: readonly Contract[]): SupergraphState['topics'] {
  return new Map(contracts.map(({ name, sdl }) => [name, subscriptionTopics(parse(sdl))]));
}
