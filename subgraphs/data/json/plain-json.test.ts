// JSON from outside: what cannot or must not be stored is refused with its path.
import { describe, expect, test } from '@jest/globals';
import { requireJson, requireJsonObject } from './plain-json.ts';

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}

describe('it is refused', () => {
  const cases: [string, unknown, string][] = [
    ['with a key __proto__', JSON.parse('{"a":{"__proto__":{"x":1}}}'), 'data.a.__proto__'],
    ['with a key constructor', { constructor: 1 }, 'data.constructor'],
    ['with a key prototype', [{ prototype: 1 }], 'data.0.prototype'],
    ['with NUL in a value', { a: ['x\0'] }, 'data.a.0'],
    ['with NUL in a key', { 'a\0': 1 }, 'data.a\0'],
    ['with half a surrogate pair', { a: '\ud800' }, 'data.a'],
    ['with a number that is none', { a: Number.POSITIVE_INFINITY }, 'data.a'],
    ['with what is no JSON', { a: 1n }, 'data.a'],
    ['when nested too deeply', nested(51), `data${'.a'.repeat(50)}`],
    ['when nested much too deeply', nested(10_000), `data${'.a'.repeat(50)}`],
  ];

  test.each(cases)('%s', (_what, value, path) => {
    expect(() => requireJson(value, 'data')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ field: path }) }),
    );
  });

  test.each([[[]], ['x'], [null], [1]])('as an object: %j', (value) => {
    expect(() => requireJsonObject(value, 'data')).toThrow('data: must be object.');
  });
});

test('anything else passes unchanged', () => {
  const value = { a: [1, 'ü😀', true, null, { b: {} }], toString: 1, 'a.b': -0.5, '': [] };
  expect(requireJson(value, 'data')).toEqual(value);
  expect(requireJson(nested(50), 'data')).toEqual(nested(50));
});

test('zero below nothing is zero, as which it is stored', () => {
  expect(requireJson({ a: [-0] }, 'data')).toStrictEqual({ a: [0] });
});

test('keys without a value are left out', () => {
  expect(Object.keys(requireJsonObject({ a: undefined, b: 1 }, 'data'))).toEqual(['b']);
});
