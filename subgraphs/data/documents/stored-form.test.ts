// The form in which data is stored: moments in UTC, ids in the objects of lists.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isId, newId } from '../../../platform/ids.ts';
import type { Json, JsonObject } from '../json/plain-json.ts';
import { createConfigurationCompiler } from '../schemas/compile-configuration.ts';
import type { Properties, TypeConfiguration } from '../schemas/type-configuration.ts';
import { storedForm } from './stored-form.ts';

const moment = { type: 'string', format: 'date-time' } as const;
const properties: Properties = {
  at: moment,
  text: { type: 'string' },
  times: { type: 'array', items: moment },
  meals: {
    type: 'array',
    items: { type: 'object', properties: { at: moment, parts: { type: 'array', items: { type: 'object' } } } },
  },
  device: { type: 'object', properties: { since: moment }, additionalProperties: moment },
};

test('moments are stored in UTC, other text as it is', () => {
  expect(
    storedForm({ at: '2012', text: '2012', times: ['2013'], device: { since: '2014', until: '2015' } }, properties),
  ).toEqual({
    at: '2012-01-01T00:00:00.000Z',
    text: '2012',
    times: ['2013-01-01T00:00:00.000Z'],
    device: { since: '2014-01-01T00:00:00.000Z', until: '2015-01-01T00:00:00.000Z' },
  });
});

test('every object inside a list gets an id, at any depth', () => {
  const stored = storedForm({ meals: [{ at: '2012', parts: [{}] }, {}] }, properties) as unknown as {
    meals: { id: string; at: string; parts: { id: string }[] }[];
  };
  const ids = [stored.meals[0]?.id, stored.meals[1]?.id, stored.meals[0]?.parts[0]?.id];
  expect(ids.every(isId)).toBe(true);
  expect(new Set(ids).size).toBe(3);
  expect(stored.meals[0]?.at).toBe('2012-01-01T00:00:00.000Z');
});

test('ids that are there stay; a copied object gets its own', () => {
  const id = newId();
  const stored = storedForm({ meals: [{ id }, { id }] }, properties) as unknown as { meals: { id: string }[] };
  expect(stored.meals[0]?.id).toBe(id);
  expect(stored.meals[1]?.id).not.toBe(id);
});

test('storing what is stored changes nothing', () => {
  const data: JsonObject = {
    at: '2012',
    meals: [{ parts: [{}, {}] }],
    device: { since: '2014-05-01T10:00+02:00' },
    old: ['x', { a: 1 }],
  };
  const once = storedForm(data, properties);
  expect(storedForm(once, properties)).toEqual(once);
});

test('what conforms still conforms when it is stored, and storing it again changes nothing', () => {
  const compile = createConfigurationCompiler();
  fc.assert(
    fc.property(anyProperties, fc.infiniteStream(fc.nat(99)), (declared, choices) => {
      const pick = () => choices.next().value as number;
      const data = conforming({ type: 'object', properties: declared }, pick) as JsonObject;
      const check = compile({ type: 'object', properties: declared }, 'closed');
      expect(check(data)).toBeUndefined();
      const stored = storedForm(data, declared);
      expect(check(stored)).toBeUndefined();
      expect(storedForm(stored, declared)).toEqual(stored);
    }),
    { numRuns: 500 },
  );
});

const { configuration } = fc.letrec<{ configuration: TypeConfiguration }>((tie) => ({
  configuration: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<TypeConfiguration>({ type: 'number' }, { type: 'boolean' }, { type: 'string' }, moment),
    fc
      .record(
        {
          type: fc.constant('array' as const),
          items: tie('configuration'),
          contains: fc.constant({ type: 'object' as const }),
        },
        { requiredKeys: ['type', 'items'] },
      )
      .map(({ contains, ...list }) => ({
        ...list,
        ...(list.items.type === 'object' && contains ? { minItems: 1, contains } : {}),
      })),
    fc.record(
      {
        type: fc.constant('object' as const),
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'toString'), tie('configuration'), { maxKeys: 3 }),
        additionalProperties: tie('configuration'),
      },
      { requiredKeys: ['type'] },
    ),
  ),
}));
const anyProperties = fc.dictionary(fc.constantFrom('p', 'q', 'valueOf'), configuration, { minKeys: 1, maxKeys: 3 });

/** Some value that conforms; `pick` decides on which. */
function conforming(type: TypeConfiguration, pick: () => number): Json {
  switch (type.type) {
    case 'number':
      return pick() / 7;
    case 'boolean':
      return pick() % 2 === 0;
    case 'string':
      return type.format ? (['2012', '2013-05', '2014-05-06T07:08+09:10'][pick() % 3] as string) : `text ${pick()}`;
    case 'array':
      return Array.from({ length: (type.minItems ?? 0) + (pick() % 3) }, () => conforming(type.items, pick));
    case 'object': {
      const declared = Object.entries(type.properties ?? {}).filter(() => pick() % 3 > 0);
      const more = type.additionalProperties && pick() % 2 ? [['more', type.additionalProperties] as const] : [];
      return Object.fromEntries([...declared, ...more].map(([name, inner]) => [name, conforming(inner, pick)]));
    }
  }
}
