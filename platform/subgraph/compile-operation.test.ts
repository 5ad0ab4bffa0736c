import { describe, expect, test } from '@jest/globals';
import type { ExecutionResult } from 'graphql';
import { buildSchema, execute, parse } from 'graphql';
import { createCompiler } from './compile-operation.ts';

const schema = buildSchema(`
  type Query { show(input: Input!, list: [Input!], order: Order): String, find(filter: Filter): String }
  input Filter { eq: Int, and: [Filter!], or: [Filter!], not: Filter }
  input Input { name: String! = "none", size: Int, inner: Inner, tags: [String!]! = ["a"], way: Way! = UP, deep: [[Inner!]!] }
  input Inner { flag: Boolean! = true }
  input Order { field: String!, direction: Way! = DOWN }
  enum Way { UP DOWN }
`);
const rootValue = undefined;
for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
  field.resolve = (_root, args) => JSON.stringify(args);
}

async function both(query: string, variables: Record<string, unknown>): Promise<[ExecutionResult, ExecutionResult]> {
  const compiled = createCompiler(schema)(query, undefined);
  if (!('run' in compiled)) throw new Error('does not compile');
  const standard = await execute({ schema, document: parse(query), rootValue, variableValues: variables });
  const run = await compiled.run(rootValue, {}, variables);
  return [JSON.parse(JSON.stringify(run)) as ExecutionResult, JSON.parse(JSON.stringify(standard)) as ExecutionResult];
}

describe('a compiled operation', () => {
  const withVariables =
    'query ($input: Input!, $list: [Input!], $order: Order) { show(input: $input, list: $list, order: $order) }';

  test.each([
    ['nothing given', { input: {} }],
    ['fields given', { input: { name: 'x', size: 1, tags: [], way: 'DOWN' } }],
    ['nested objects', { input: { inner: {}, deep: [[{}, { flag: false }]] } }],
    ['a list', { input: {}, list: [{}, { name: 'y' }] }],
    ['one for a list', { input: {}, list: { name: 'y' } }],
    ['null where it may be', { input: { size: null, inner: null }, list: null, order: null }],
    ['an order', { input: {}, order: { field: 'x' } }],
  ])('fills in defaults of variables as the specification says: %s', async (_name, variables) => {
    const [run, standard] = await both(withVariables, variables);
    expect(standard.errors).toBeUndefined();
    expect(run).toEqual(standard);
  });

  test.each([
    ['null where it may not be', { input: { name: null } }],
    ['a required field without default', { input: {}, order: {} }],
    ['a field that is not there', { input: { other: 1 } }],
    ['no object at all', { input: 7 }],
  ])('refuses %s', async (_name, variables) => {
    const [run, standard] = await both(withVariables, variables);
    expect(run.data).toBeUndefined();
    expect(run.errors).toHaveLength(standard.errors?.length ?? 0);
  });

  test('takes variables of an input type that contains itself', async () => {
    const filter = { and: [{ not: { or: [{ eq: 1 }, { eq: null }] } }, {}] };
    const [run, standard] = await both('query ($filter: Filter) { find(filter: $filter) }', { filter });
    expect(run).toEqual(standard);
    expect(run.data).toEqual({ find: JSON.stringify({ filter }) });
  });

  test('never runs code that is written into a literal', async () => {
    // graphql-jit puts `new Date(…)` in the place of a string that begins so, with whatever follows in it.
    const mark = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d';
    const attack = `${mark}0),leaked:(globalThis.leaked=1`;
    for (const query of [
      `{ show(input: { name: "${attack}" }) }`,
      `{ show(input: { name: "\\u005f${attack.slice(1)}" }) }`,
      `query ($size: Int) { show(input: { name: "${attack}", size: $size }) }`,
      `query ($input: Input! = { name: "${attack}" }) { show(input: $input) }`,
    ]) {
      const [run, standard] = await both(query, {});
      expect(run).toEqual(standard);
      expect(JSON.stringify(run)).toContain(mark);
    }
    expect(globalThis).not.toHaveProperty('leaked');
  });

  test('reads literals with variables inside, and in fragments, as the specification says', async () => {
    for (const [query, variables] of [
      ['query ($flag: Boolean!) { show(input: { inner: { flag: $flag } }) }', { flag: false }],
      ['query ($flag: Boolean) { show(input: { inner: { flag: $flag } }) }', { flag: true }],
      ['query ($size: Int) { show(input: { size: $size }) }', {}],
      [
        'query ($tag: String!) { ...F } fragment F on Query { show(input: { tags: ["x", $tag], way: DOWN }) }',
        { tag: 'y' },
      ],
      ['query ($_literal_0: Int) { show(input: { size: $_literal_0 }) }', { _literal_0: 5 }],
      ['{ a: show(input: {}) b: show(input: { size: 3 }, list: { name: "z" }) }', {}],
    ] as const) {
      const [run, standard] = await both(query, variables);
      expect(standard.errors).toBeUndefined();
      expect(run).toEqual(standard);
    }
  });

  test('fills in defaults of literals', async () => {
    const [run, standard] = await both('{ show(input: { inner: {} }, order: { field: "x" }) }', {});
    expect(run).toEqual(standard);
    const [mixed, expected] = await both('query ($name: String!) { show(input: { name: $name }) }', { name: 'x' });
    expect(mixed).toEqual(expected);
  });
});
