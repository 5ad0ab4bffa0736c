import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import type { AppError } from '../platform/errors.ts';
import { checkOperationText, checkVariables, depthLimit } from './limits.ts';

const refusalOf = (query: unknown): string | undefined => {
  try {
    checkOperationText(query);
    return undefined;
  } catch (error) {
    return (error as AppError).code;
  }
};

describe('the text of an operation', () => {
  test.each([
    ['nested selections', `${'{a'.repeat(10_000)}${'}'.repeat(10_000)}`],
    ['nested lists of an argument', `{ a(b: ${'['.repeat(10_000)}${']'.repeat(10_000)}) }`],
    ['nesting that never closes', '{a'.repeat(10_000)],
    ['too much of it', `{ a ${'b '.repeat(600_000)} }`],
  ])('is refused for %s', (_name, query) => {
    expect(refusalOf(query)).toBe('OPERATION_TOO_LARGE');
  });

  test.each([
    ['braces in a string', `{ a(b: "${'{'.repeat(1_000)}") }`],
    ['an escaped quote before braces', `{ a(b: "\\"${'{'.repeat(1_000)}") }`],
    ['braces in a block string', `{ a(b: """${'{'.repeat(1_000)} " \\""" """) }`],
    ['braces in a comment', `{ a # ${'{'.repeat(1_000)}\n }`],
    ['no text at all', undefined],
  ])('is not refused for %s', (_name, query) => {
    expect(refusalOf(query)).toBeUndefined();
  });

  test('is not understood as closed by a quote inside a block string', () => {
    expect(refusalOf(`{ a(b: """ " """) ${'{a'.repeat(1_000)}`)).toBe('OPERATION_TOO_LARGE');
  });
});

describe('variables', () => {
  const nested = (depth: number): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
    return value;
  };

  test('nested too deep are refused, however deep', () => {
    for (const depth of [101, 1_000_000]) expect(() => checkVariables(nested(depth))).toThrow(/nested/);
  });

  test('of any other form pass', () => {
    for (const variables of [undefined, null, 'text', {}, nested(100), { list: new Array(100_000).fill({ a: 1 }) }]) {
      expect(() => checkVariables(variables)).not.toThrow();
    }
  });
});

describe('depth', () => {
  const schema = buildSchema('type Query { a: Query b: Int }');
  const faults = (query: string, most: number) => validate(schema, parse(query), [depthLimit(most)]);
  const nested = (levels: number): string => (levels === 1 ? '{ b }' : `{ a ${nested(levels - 1)} }`);

  test('above the limit is refused with a code', () => {
    expect(faults(nested(6), 5)[0]?.extensions.code).toBe('OPERATION_TOO_LARGE');
  });

  test('counts what fragments add', () => {
    const fragments = 'fragment One on Query { a { a { ...Two } } } fragment Two on Query { a { a { b } } }';
    expect(faults(`{ a { ...One } } ${fragments}`, 5)).toHaveLength(1);
    expect(faults(`{ a { ...One } } ${fragments}`, 6)).toHaveLength(0);
    expect(faults(`{ a { ... on Query { a { b } } } }`, 3)).toHaveLength(0);
  });

  test('ends for fragments that use each other in a circle, and for many uses of one', () => {
    expect(faults('{ ...A } fragment A on Query { a { ...B } } fragment B on Query { a { ...A } }', 50)).toHaveLength(
      0,
    );
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Query { x: a { ...F${i + 1} } y: a { ...F${i + 1} } }`,
    );
    expect(faults(`{ ...F0 } ${doubling.join(' ')} fragment F40 on Query { b }`, 20)).toHaveLength(1);
  });

  test('at the limit passes', () => {
    expect(faults(nested(5), 5)).toHaveLength(0);
  });
});
