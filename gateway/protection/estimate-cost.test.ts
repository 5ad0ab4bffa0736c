// Estimates of cost, over contracts composed as ours are.
import { describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery, getOperationAST, parse, print } from 'graphql';
import { serviceNames } from '../../platform/config.ts';
import { printContract } from '../../platform/subgraph/print-contract.ts';
import { compose } from '../compose.ts';
import { readCostRules } from './cost-rules.ts';
import { estimateCost } from './estimate-cost.ts';

const contract = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@cost", "@listSize"])
  type Query {
    item: Item
    items: [Item!]!
    known: [Item!]! @listSize(assumedSize: 4)
    page(first: Int, last: Int): Page
      @listSize(assumedSize: 20, slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)
    sliced(limit: Int = 7): [Item!]! @listSize(slicingArguments: ["limit"])
    strict(first: Int, last: Int): [Item!]! @listSize(slicingArguments: ["first", "last"])
    weighed(plain: Int, dear: Int @cost(weight: 3), input: Input): Item @cost(weight: 100)
  }
  type Mutation { change: Item }
  type Subscription { changed: Item }
  type Item { name: String deep: Heavy other: Item others: [Item!] costly: String @cost(weight: 2) kind: Kind }
  type Heavy @cost(weight: 9) { name: String }
  type Page { nodes: [Item!] edges: [Edge!] totalCount: Int @cost(weight: 5) names: [String!] }
  type Edge { node: Item }
  enum Kind @cost(weight: 1) { A }
  input Input { dear: Int @cost(weight: 4) more: [Input!] cheap: Int }
`;
const { supergraphSdl } = compose([{ name: 'items', sdl: contract }]);
const rules = readCostRules(supergraphSdl);

function cost(query: string, variables: Record<string, unknown> = {}, by = rules): number {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('one operation');
  return estimateCost(by, { document, operation, variables });
}

describe('the estimate', () => {
  test.each([
    ['an object and its scalars', '{ item { name } }', 1],
    ['objects in it', '{ item { other { other { name } } } }', 3],
    ['a list of which nothing is told', '{ items { name } }', 10],
    ['a list with an assumed size', '{ known { name } }', 4],
    ['lists in lists', '{ known { others { other { name } } } }', 4 * (1 + 10 * 2)],
    ['a page of a size not told', '{ page { nodes { name } } }', 1 + 20],
    ['a page of a size that is told', '{ page(first: 100) { nodes { name } } }', 1 + 100],
    ['a page from its end', '{ page(last: 3) { nodes { name } } }', 1 + 3],
    ['edges', '{ page(first: 3) { edges { node { name } } } }', 1 + 3 * 2],
    ['what else a page has', '{ page(first: 3) { totalCount names } }', 1 + 5],
    ['pages through fragments', '{ page(first: 50) { ...P } } fragment P on Page { ... { nodes { name } } }', 51],
    ['a default of an argument', '{ sliced { name } }', 7],
    ['an argument', '{ sliced(limit: 2) { name } }', 2],
    ['weights of fields and arguments', '{ weighed(plain: 1, dear: 1) { name } }', 103],
    ['weights within inputs', '{ weighed(input: { dear: 1, cheap: 1, more: [{ dear: 1 }, {}] }) { name } }', 108],
    ['weights of types, scalars and enums', '{ item { deep { name } costly kind } }', 1 + 9 + 2 + 1],
    ['a mutation', 'mutation { change { name } }', 11],
    ['two mutations', 'mutation { a: change { name } b: change { name } }', 22],
    ['an event', 'subscription { changed { name other { name } } }', 2],
    ['names of types', '{ __typename item { __typename } }', 1],
    ['the schema', getIntrospectionQuery(), 1_000],
    ['types of it', '{ a: __type(name: "Item") { name } b: __type(name: "Page") { name } }', 100],
    ['a list asked for with nonsense', '{ page(first: -5) { nodes { name } } }', 21],
  ])('of %s', (_what, query, expected) => {
    expect(cost(query)).toBe(expected);
  });

  test('of a size in a variable, or in its default', () => {
    const query = 'query ($n: Int = 30) { page(first: $n) { nodes { name } } }';
    expect(cost(query, { n: 100 })).toBe(101);
    expect(cost(query)).toBe(31);
    expect(cost(query, { n: null })).toBe(21);
    expect(cost(query, { n: 'many' })).toBe(21);
  });

  test('of an input in a variable', () => {
    const query = 'query ($input: Input) { weighed(input: $input) { name } }';
    expect(cost(query, { input: { dear: 1, more: [{ dear: 2 }] } })).toBe(108);
  });

  test('of fragments that double at every level: at once', () => {
    const doubling = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Item { x: other { ...F${i + 1} } y: other { ...F${i + 1} } }`,
    );
    expect(cost(`{ item { ...F0 } } ${doubling.join(' ')} fragment F60 on Item { name }`)).toBeGreaterThan(2 ** 60);
  });

  test('where exactly one argument is wanted: none or two are refused', () => {
    expect(cost('{ strict(first: 5) { name } }')).toBe(5);
    for (const given of ['', '(first: 5, last: 5)']) {
      expect(() => cost(`{ strict${given} { name } }`)).toThrow(/exactly one/);
    }
  });
});

describe('the contracts of this program', () => {
  const composed = compose(serviceNames.map((name) => ({ name, sdl: printContract(name) })));
  const own = readCostRules(composed.supergraphSdl);

  test('size every page, by what its client asks for', () => {
    const unsized: string[] = [];
    for (const definition of parse(composed.supergraphSdl).definitions) {
      if (definition.kind !== 'ObjectTypeDefinition') continue;
      for (const field of definition.fields ?? []) {
        const rule = own.field(definition.name.value, field.name.value);
        if (!/Connection!?$/.test(print(field.type))) continue;
        const { assumedSize, slicingArguments = [], sizedFields } = rule?.list ?? {};
        const isSized =
          assumedSize === 20 && slicingArguments.includes('first') && sizedFields?.join() === 'nodes,edges';
        if (!isSized) unsized.push(`${definition.name.value}.${field.name.value}`);
      }
    }
    expect(unsized).toEqual([]);
  });

  test('make a large page of documents affordable, and pages within pages dear', () => {
    const page = '{ documents(schemaName: "x", first: 100) { nodes { data creator { firstName } groups { name } } } }';
    expect(cost(page, {}, own)).toBe(1 + 100 * (1 + 1 + 10));
    const inner = 'comments(first: 100) { nodes { creator { firstName } } } versions(first: 100) { nodes { number } }';
    expect(cost(`{ documents(schemaName: "x", first: 100) { nodes { ${inner} } } }`, {}, own)).toBeGreaterThan(25_000);
  });
});
