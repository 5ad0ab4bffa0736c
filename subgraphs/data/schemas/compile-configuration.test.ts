// Checks compiled from type configurations: what they find, where, and that they end.
import { describe, expect, test } from '@jest/globals';
import { createConfigurationCompiler } from './compile-configuration.ts';
import type { TypeConfiguration } from './type-configuration.ts';

const compile = createConfigurationCompiler();
const object = (properties: Record<string, TypeConfiguration>): TypeConfiguration => ({ type: 'object', properties });
const meals: TypeConfiguration = {
  type: 'array',
  items: { type: 'object', required: ['kcal'], properties: { kcal: { type: 'number' } } },
};

describe('a fault is found, with its path', () => {
  const cases: [string, TypeConfiguration, unknown, string, RegExp][] = [
    ['another type', object({ a: { type: 'number' } }), { a: 'x' }, 'a', /must be number/],
    ['a number out of range', object({ a: { type: 'number', minimum: 1 } }), { a: 0 }, 'a', />= 1/],
    ['null', object({ a: { type: 'string' } }), { a: null }, 'a', /must be string/],
    ['what is not declared', object({}), { a: 1 }, 'a', /not a property that the schema declares/],
    ['what only objects in general have', object({}), { toString: 1 }, 'toString', /not a property/],
    ['what is not declared, deeper', object({ a: object({}) }), { a: { b: 1 } }, 'a.b', /not a property/],
    [
      'another property of the wrong type',
      { type: 'object', additionalProperties: { type: 'string' } },
      { a: 1 },
      'a',
      /must be string/,
    ],
    ['what is missing', object({ meals }), { meals: [{}] }, 'meals.0.kcal', /is required/],
    [
      'what is missing, though objects in general have it',
      { type: 'object', required: ['toString'], properties: { toString: { type: 'string' as const } } },
      {},
      'toString',
      /is required/,
    ],
    ['an item', object({ meals }), { meals: [{ kcal: 1 }, { kcal: 'x' }] }, 'meals.1.kcal', /must be number/],
    ['an id of an item that is none', object({ meals }), { meals: [{ id: 'x', kcal: 1 }] }, 'meals.0.id', /uuid/],
    [
      'too many items',
      object({ a: { type: 'array', items: { type: 'number' }, maxItems: 1 } }),
      { a: [1, 2] },
      'a',
      /more than 1/,
    ],
    [
      'a list without what it must contain',
      object({ a: { type: 'array', items: { type: 'string' }, contains: { type: 'string', const: 'x' } } }),
      { a: ['y'] },
      'a',
      /contain/,
    ],
    ['a value out of a choice', object({ a: { type: 'string', enum: ['x'] } }), { a: 'y' }, 'a', /one of/],
    ['another constant', object({ a: { type: 'boolean', const: true } }), { a: false }, 'a', /constant/],
    ['a pattern not matched', object({ a: { type: 'string', pattern: '^a$' } }), { a: 'b' }, 'a', /pattern/],
    ['no moment', object({ a: { type: 'string', format: 'date-time' } }), { a: '2020-13' }, 'a', /date-time/],
    [
      'a key with a slash',
      { type: 'object', additionalProperties: { type: 'string' } },
      { 'a/b~c': 1 },
      'a/b~c',
      /must be string/,
    ],
  ];

  test.each(cases)('%s', (_what, configuration, value, path, message) => {
    const fault = compile(configuration, 'closed')(value);
    expect(fault?.path.join('.')).toBe(path);
    expect(fault?.message).toMatch(message);
  });
});

test('a pattern that needs more memory than it may have is stopped', () => {
  const groups = Array(100).fill('(a)').join('|');
  const check = compile(object({ a: { type: 'string', pattern: `^(?:${groups})*b$` } }), 'closed');
  expect(check({ a: 'a'.repeat(200_000) })?.message).toBe('takes too long to check against the patterns.');
  expect(check({ a: 'ab' })).toBeUndefined();
});

test('a pattern that runs away is stopped', () => {
  const check = compile(object({ a: { type: 'string', pattern: '^(a+)+$' } }), 'closed');
  expect(check({ a: `${'a'.repeat(50)}b` })).toEqual({ path: [], message: expect.stringContaining('too long') });
  expect(check({ a: 'aaa' })).toBeUndefined();
});

test('open checks look at nothing that is not declared', () => {
  const check = compile(object({ a: object({ b: { type: 'number' } }) }), 'open');
  expect(check({ a: { b: 1, c: 2 }, d: 3 })).toBeUndefined();
  expect(check({ a: { b: 'x' } })?.path).toEqual(['a', 'b']);
});

test('what conforms passes', () => {
  const check = compile(
    object({
      meals,
      at: { type: 'string', format: 'date-time' },
      label: { type: 'string', pattern: '^(?!draft).*$' },
      device: { type: 'object', properties: { model: { type: 'string' } }, additionalProperties: { type: 'number' } },
    }),
    'closed',
  );
  expect(
    check({
      meals: [{ kcal: 1 }, { id: '01a1ffdc-df1d-727e-905c-8a06cbb34d83', kcal: 2 }],
      at: '2012',
      label: 'final',
      device: { model: 'x', battery: 3 },
    }),
  ).toBeUndefined();
  expect(check({})).toBeUndefined();
});
