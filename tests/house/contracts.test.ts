// The contracts are the public manual: GraphiQL shows their descriptions, so nothing in them stands without one.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type ASTNode, getIntrospectionQuery, graphql, Kind, parse, visit } from 'graphql';
import { compose } from '../../gateway/compose.ts';
import { planHere } from '../../gateway/execution/plan-here.ts';
import { buildSupergraphState } from '../../gateway/supergraph-state.ts';
import { serviceNames } from '../../platform/config.ts';
import { printContract } from '../../platform/subgraph/print-contract.ts';

const generated = new Set(['supergraph.graphql', 'api.graphql']);
const contracts = readdirSync('schema').filter((file) => file.endsWith('.graphql') && !generated.has(file));

/** What federation knows by these names needs no words of ours. */
const rootTypes = new Set(['Query', 'Mutation', 'Subscription']);

/** Paths such as `User.documents(first)` of everything without a description. */
function undescribed(sdl: string): string[] {
  const missing: string[] = [];
  const names: string[] = [];
  visit(parse(sdl), {
    enter(node) {
      const name = definedName(node);
      if (name === undefined) return;
      names.push(name);
      const isRoot = names.length === 1 && rootTypes.has(name);
      if (!isRoot && !hasDescription(node)) missing.push(names.join('.'));
    },
    leave(node) {
      if (definedName(node) !== undefined) names.pop();
    },
  });
  return missing;
}

function definedName(node: ASTNode): string | undefined {
  const isDefinition =
    'name' in node && /(Definition|Extension)$/.test(node.kind) && node.kind !== Kind.FRAGMENT_DEFINITION;
  return isDefinition ? node.name?.value : undefined;
}

function hasDescription(node: ASTNode): boolean {
  // An extension cannot carry one; its fields do.
  return node.kind.endsWith('Extension') || ('description' in node && (node.description?.value.trim() ?? '') !== '');
}

describe('a missing description is noticed', () => {
  test.each([
    ['of a type', 'type A { "b" b: Int }', 'A'],
    ['of a field', '"a" type A { b: Int }', 'A.b'],
    ['of an argument', '"a" type A { "b" b(c: Int): Int }', 'A.b.c'],
    ['of an input field', '"a" input A { b: Int }', 'A.b'],
    ['of an enum value', '"a" enum A { B }', 'A.B'],
    ['of a field of Query', 'type Query { b: Int }', 'Query.b'],
    ['that is empty', '" " scalar A', 'A'],
  ])('%s', (_what, sdl, path) => {
    expect(undescribed(sdl)).toEqual([path]);
  });
});

describe('everything is described', () => {
  test.each(contracts)('in schema/%s', (file) => {
    expect(undescribed(readFileSync(`schema/${file}`, 'utf8'))).toEqual([]);
  });
});

test('the composed API can be introspected: GraphiQL and clients read it', async () => {
  const { supergraphSdl } = compose(serviceNames.map((name) => ({ name, sdl: printContract(name) })));
  const { schema } = buildSupergraphState({ supergraphSdl, dataSources: {}, planner: planHere, topics: new Map() });
  // A default value of a custom scalar that is an object, for example, breaks it.
  expect((await graphql({ schema, source: getIntrospectionQuery() })).errors).toBeUndefined();
});
