// The form in which data is stored: moments in UTC, ids in the objects of lists.
import { expect, test } from '@jest/globals';
import { isId, newId } from '../../platform/ids.ts';
import type { JsonObject } from './plain-json.ts';
import { storedForm } from './stored-form.ts';
import type { Properties } from './type-configuration.ts';

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
