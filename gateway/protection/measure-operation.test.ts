// How large operations are found to be, and what is refused.
import { describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import { checkDocumentSize, createMeasure, fragmentsOf } from './measure-operation.ts';

const limits = { depth: 20, tokens: 15_000, aliases: 100, directives: 100, rootFields: 50, cost: 50_000 };

const sizeOf = (query: string) => {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('one operation');
  return createMeasure(fragmentsOf(document)).operation(operation);
};
const refusalOf = (query: string, changed: Partial<typeof limits> = {}) => {
  try {
    checkDocumentSize(parse(query), { ...limits, ...changed });
    return undefined;
  } catch (error) {
    return error instanceof AppError ? { code: error.code, ...error.details } : error;
  }
};
const nested = (levels: number): string => (levels === 1 ? '{ b }' : `{ a ${nested(levels - 1)} }`);
const times = (count: number, text: (index: number) => string) => Array.from({ length: count }, (_, i) => text(i));

describe('what is refused, with the limit and what was counted', () => {
  test.each([
    ['depth', nested(21), 20, 21],
    ['aliases', `{ x { ${times(101, (i) => `a${i}: b`).join(' ')} } }`, 100, 101],
    ['rootFields', `{ ${times(51, (i) => `f${i}`).join(' ')} }`, 50, 51],
    ['directives', `{ ${times(50, (i) => `f${i} @a @b @c`).join(' ')} }`, 100, 150],
    ['selections', `{ ${'b '.repeat(301)} }`, 300, 301],
    ['directivesAtOnce', '{ a @x @x @x @x @x @x }', 5, 6],
  ])('%s', (limit, query, most, found) => {
    expect(refusalOf(query)).toEqual({ code: 'OPERATION_TOO_LARGE', field: 'query', limit, most, found });
  });

  test('aliases of one root field, as attacks have them', () => {
    expect(refusalOf(`{ ${times(101, (i) => `a${i}: __typename`).join(' ')} }`)).toMatchObject({ limit: 'aliases' });
  });

  test('directives of a fragment, of a variable and of the operation itself', () => {
    const query = 'query ($a: Int @x) @x { ...F @x ... @x { b } } fragment F on Q @x { b @x }';
    expect(sizeOf(query)).toMatchObject({ directives: 6, directivesAtOnce: 1 });
    for (const many of ['query @x @x @x @x @x @x { a }', 'query ($a: Int @x @x @x @x @x @x) { a }']) {
      expect(refusalOf(many)).toMatchObject({ limit: 'directivesAtOnce' });
    }
  });
});

test('every operation of a document is measured, and fragments that nothing uses', () => {
  expect(refusalOf(`query One { a } query Two ${nested(21)}`)).toMatchObject({ limit: 'depth' });
  expect(refusalOf(`{ a } fragment F on Query { ${'b '.repeat(301)} }`)).toMatchObject({ limit: 'selections' });
});

describe('fragments', () => {
  test('count where they are used', () => {
    const fragments = 'fragment One on Query { a { a { ...Two } } } fragment Two on Query { a { x: a { b } } }';
    expect(sizeOf(`{ a { ...One } } ${fragments}`)).toMatchObject({ depth: 6, aliases: 1 });
    expect(sizeOf(`{ a { ...One } y: a { ...Two ...Two } } ${fragments}`)).toMatchObject({ depth: 6, aliases: 4 });
    expect(sizeOf('{ a { ... on Query { a { b } } } }')).toMatchObject({ depth: 3 });
  });

  test('at the root count each name once', () => {
    expect(sizeOf('{ a ...F ...F ... on Q { a c } } fragment F on Q { a b }')).toMatchObject({ rootFields: 3 });
  });

  test('that use each other in a circle end', () => {
    const query = '{ ...A } fragment A on Query { a { ...B } } fragment B on Query { a { ...A } }';
    expect(refusalOf(query)).toBeUndefined();
  });

  test('that double at every level are measured at once', () => {
    const doubling = times(60, (i) => `fragment F${i} on Query { x: a { ...F${i + 1} } y: a { ...F${i + 1} } }`);
    const query = `{ ...F0 } ${doubling.join(' ')} fragment F60 on Query { b }`;
    const began = performance.now();
    expect(refusalOf(query)).toMatchObject({ limit: 'depth', found: 61 });
    expect(refusalOf(query, { depth: 100 })).toMatchObject({ limit: 'aliases' });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('that form a chain of thousands are refused without following it', () => {
    const chain = times(2_000, (i) => `fragment F${i} on Query { ...F${i + 1} }`);
    expect(refusalOf(`{ ...F0 } ${chain.join(' ')} fragment F2000 on Query { b }`)).toMatchObject({ limit: 'depth' });
  });
});

test('what is at its limits passes, and so does what GraphiQL asks', () => {
  expect(refusalOf(nested(20))).toBeUndefined();
  expect(refusalOf(`{ ${times(50, (i) => `a${i}: b @x @x`).join(' ')} }`)).toBeUndefined();
  expect(refusalOf(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }))).toBeUndefined();
});
