import { describe, expect, test } from '@jest/globals';
import type { AppError } from '../platform/errors.ts';
import { checkOperationText, checkVariables } from './limits.ts';

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
