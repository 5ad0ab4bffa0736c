// Objects in lists, and fields at paths: what is added, changed and removed, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';

let service: DataService;
let client: DocumentClient;

beforeAll(async () => {
  service = await startDataService();
  client = documentClient(service);
});
afterAll(() => service.close());

const meals = {
  type: 'array',
  maxItems: 3,
  items: { type: 'object', required: ['kcal'], properties: { kcal: { type: 'number' }, what: { type: 'string' } } },
};
const properties = {
  n: { type: 'number' },
  meals,
  day: { type: 'object', properties: { meals, note: { type: 'string' } } },
  labels: { type: 'array', items: { type: 'string' } },
};
const own = { properties, readMode: ['creator'], updateMode: ['creator'] };

async function start(data: Record<string, unknown> = {}, more: object = {}): Promise<{ who: Person; id: string }> {
  const who = person();
  return { who, id: await service.document(who, await service.schema({ ...own, ...more }), data) };
}

async function added(who: Person, id: string, item: object, path = 'meals') {
  return (await client.send(who, 'addItem', { id, path, item })).item;
}

describe('addDocumentItem', () => {
  test.each([
    ['no such list', { path: 'snacks', item: { kcal: 1 } }, 'input.path'],
    ['a list of texts', { path: 'labels', item: { kcal: 1 } }, 'input.path'],
    ['no list', { path: 'n', item: { kcal: 1 } }, 'input.path'],
    ['a place in a list', { path: 'meals.0', item: { kcal: 1 } }, 'input.path'],
    ['what objects in general have', { path: 'constructor', item: { kcal: 1 } }, 'input.path'],
    ['an object with an id', { path: 'meals', item: { id: newId(), kcal: 1 } }, 'input.item.id'],
    ['no object', { path: 'meals', item: 1 }, 'input.item'],
    ['an object that does not conform', { path: 'meals', item: { what: 'x' } }, 'data.meals.0.kcal'],
  ])('is refused: %s', async (_what, input, field) => {
    const { who, id } = await start();
    const fault = await client.refusedWithoutChange(who, 'addItem', { id, ...input });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  test('is refused for one more than the list may have, and for others', async () => {
    const { who, id } = await start({ meals: [{ kcal: 1 }, { kcal: 2 }, { kcal: 3 }] });
    const input = { id, path: 'meals', item: { kcal: 4 } };
    expect(await client.refusedWithoutChange(who, 'addItem', input)).toMatchObject({
      details: { field: 'data.meals' },
    });
    expect((await client.refusedWithoutChange(person(), 'addItem', input)).code).toBe('NOT_FOUND');
  });

  test('gives the object an id, and makes the list where there is none', async () => {
    const { who, id } = await start();
    const first = await added(who, id, { kcal: 1 }, 'day.meals');
    const second = await added(who, id, { kcal: 2 }, 'day.meals');
    expect(first).toEqual({ id: expect.any(String), kcal: 1 });
    expect((await client.read(who, id)).data).toEqual({ day: { meals: [first, second] } });
  });

  test('answers null for an object that what followed took away', async () => {
    const clear = { name: 'clear', type: 'automatic', fromStatuses: ['new'], toStatus: 'done' };
    const transitions = [{ ...clear, actions: [{ type: 'unset', fields: ['meals'] }] }];
    const creationTransition = { type: 'manual', toStatus: 'idle' };
    const open = { name: 'open', type: 'manual', fromStatuses: ['idle'], toStatus: 'new' };
    const statuses = { new: {}, done: {}, idle: {} };
    const condition = {
      type: 'document',
      configuration: {
        type: 'object',
        properties: { data: { type: 'object', required: ['meals'], properties: {} } },
      },
    };
    const more = { statuses, creationTransition, transitions: [{ ...transitions[0], conditions: [condition] }, open] };
    const { who, id } = await start({}, more);
    await client.send(who, 'transition', { id, name: 'open' });
    const answer = await client.send(who, 'addItem', { id, path: 'meals', item: { kcal: 1 } });
    expect(answer).toMatchObject({ item: null, document: { status: 'done', data: {} } });
  });
});

describe('updateDocumentItem and deleteDocumentItem', () => {
  test('change one object and no other; null removes a key', async () => {
    const { who, id } = await start();
    const [first, second] = [await added(who, id, { kcal: 1, what: 'x' }), await added(who, id, { kcal: 2 })];
    const input = { id, path: 'meals', itemId: first.id.toUpperCase(), item: { kcal: 3, what: null } };
    expect((await client.send(who, 'updateItem', input)).item).toEqual({ id: first.id, kcal: 3 });
    await client.send(who, 'deleteItem', { id, path: 'meals', itemId: first.id });
    expect((await client.read(who, id)).data).toEqual({ meals: [second] });
  });

  test('are refused for an object that is not there, and for what does not conform', async () => {
    const { who, id } = await start();
    const { id: itemId } = await added(who, id, { kcal: 1 });
    for (const [mutation, input, expected] of [
      ['updateItem', { itemId, item: { kcal: null } }, { details: { field: 'data.meals.0.kcal', code: 26 } }],
      ['updateItem', { itemId, item: { id: newId() } }, { details: { field: 'input.item.id' } }],
      ['updateItem', { itemId: newId(), item: {} }, { code: 'NOT_FOUND', details: { field: 'input.itemId' } }],
      ['updateItem', { itemId: 'x', item: {} }, { code: 'BAD_USER_INPUT', details: { field: 'input.itemId' } }],
      ['deleteItem', { itemId: newId() }, { code: 'NOT_FOUND', details: { field: 'input.itemId' } }],
      ['deleteItem', { itemId, path: 'labels' }, { details: { field: 'input.path' } }],
    ] as const) {
      expect(await client.refusedWithoutChange(who, mutation, { id, path: 'meals', ...input })).toMatchObject(expected);
    }
  });
});

describe('deleteDocumentFields', () => {
  test.each([
    ['no path', []],
    ['too many', Array.from({ length: 101 }, () => 'n')],
  ])('is refused: %s', async (_what, fields) => {
    const { who, id } = await start({ n: 1 });
    const fault = await client.refusedWithoutChange(who, 'deleteFields', { id, fields });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.fields' } });
  });

  test('is refused when what is left does not conform', async () => {
    const day = { type: 'object', required: ['note'], properties: { note: { type: 'string' } } };
    const { who, id } = await start({ day: { note: 'x' } }, { properties: { day } });
    const fault = await client.refusedWithoutChange(who, 'deleteFields', { id, fields: ['day.note'] });
    expect(fault).toMatchObject({ details: { field: 'data.day.note', code: 26 } });
  });

  test('removes what stands there, and passes over what does not', async () => {
    const { who, id } = await start({ n: 1, day: { note: 'x' }, labels: ['a'] });
    const fields = ['n', 'day.note', 'nothing', 'labels.0', 'day.meals.kcal'];
    expect((await client.send(who, 'deleteFields', { id, fields })).document.data).toEqual({ day: {}, labels: ['a'] });
    expect((await client.send(who, 'deleteFields', { id, fields })).document.version).toBe(2);
  });
});
