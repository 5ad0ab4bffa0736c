// What a writer expects of a document: on every operation, as a filter or as RQL, and for objects in lists.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';
import type { DocumentMutation } from '../../../tests/support/document-operations.ts';
import { users } from '../../users/index.ts';

let service: DataService;
let client: DocumentClient;

beforeAll(async () => {
  service = await startDataService({ others: [users] });
  client = documentClient(service);
});
afterAll(() => service.close());

const properties = {
  n: { type: 'number' },
  secret: { type: 'string', queryable: false },
  meals: { type: 'array', items: { type: 'object', properties: { kcal: { type: 'number' } } } },
};
const modes = { readMode: ['creator'], updateMode: ['creator'], deleteMode: ['creator'] };
const go = { name: 'go', type: 'manual', fromStatuses: ['new'], toStatus: 'new' };

async function start(more: object = {}): Promise<{ who: Person; id: string; itemId: string }> {
  const who = person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT'] });
  const schemaName = await service.schema({ properties, ...modes, transitions: [go], ...more });
  const id = await service.document(who, schemaName, { n: 1, meals: [{ kcal: 300 }] });
  const { meals } = ((await client.trace(id)).document as { data: { meals: { id: string }[] } }).data;
  return { who, id, itemId: meals[0]?.id ?? '' };
}

const operations = (itemId: string): [DocumentMutation, object][] => [
  ['update', { data: { n: 2 } }],
  ['deleteFields', { fields: ['n'] }],
  ['addItem', { path: 'meals', item: { kcal: 1 } }],
  ['updateItem', { path: 'meals', itemId, item: { kcal: 1 } }],
  ['deleteItem', { path: 'meals', itemId }],
  ['transition', { name: 'go' }],
  ['restore', { version: 1 }],
  ['link', { userIds: [] }],
  ['unlink', { allUsers: true }],
  ['delete', {}],
];

describe('on every operation', () => {
  test('what does not hold is a conflict, and nothing changes', async () => {
    const { who, id, itemId } = await start();
    for (const [mutation, input] of operations(itemId)) {
      for (const [field, expectation] of [
        ['input.expected', { expected: { field: 'data.n', eq: 2 } }],
        ['input.expectedRql', { expectedRql: 'eq(data.n,2)' }],
        ['input.expectedRql', { expected: { field: 'data.n', eq: 1 }, expectedRql: 'eq(status,old)' }],
      ] as const) {
        const fault = await client.refusedWithoutChange(who, mutation, { id, ...input, ...expectation });
        expect(fault).toMatchObject({ code: 'CONFLICT', details: { field } });
      }
    }
  });

  test('what holds lets the change through', async () => {
    const { itemId: count } = await start();
    for (const [index] of operations(count).entries()) {
      const { who, id, itemId } = await start();
      const [mutation, input] = operations(itemId)[index] as [DocumentMutation, object];
      const expectation = { expected: { field: 'status', eq: 'new' }, expectedRql: 'and(eq(data.n,1),ge(data.n,0))' };
      expect(await client.send(who, mutation, { id, ...input, ...expectation })).toBeTruthy();
    }
  });
});

describe('refused', () => {
  test.each([
    [{ expected: { field: 'data.secret', eq: 'x' } }, 'input.expected.field'],
    [{ expected: { eq: 'x' } }, 'input.expected.field'],
  ])('a filter that is not valid: %j', async (expectation, field) => {
    const { who, id } = await start();
    const fault = await client.refusedWithoutChange(who, 'update', { id, data: { n: 2 }, ...expectation });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  test('RQL that is none', async () => {
    const { who, id } = await start();
    const fault = await client.refusedWithoutChange(who, 'update', { id, data: { n: 2 }, expectedRql: 'eq(n' });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { code: 19 } });
  });

  test('for those who may change a document but not see it, whom the answer would tell about it', async () => {
    const { id } = await start({ readMode: 'permissionRequired' });
    const who = person({ permissions: ['UPDATE_DOCUMENTS'] });
    for (const value of [1, 2]) {
      const expectation = { expected: { field: 'data.n', eq: value } };
      const fault = await client.refusedWithoutChange(who, 'update', { id, data: { n: 3 }, ...expectation });
      expect(fault).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'VIEW_DOCUMENTS' } });
    }
  });

  test('an object in a list that is not as expected, or is not there', async () => {
    const { who, id, itemId } = await start();
    const place = { id, path: 'meals', itemId };
    for (const [mutation, input] of [
      ['updateItem', { ...place, item: { kcal: 2 } }],
      ['deleteItem', place],
    ] as const) {
      const expectedItem = { field: 'kcal', gt: 300 };
      const fault = await client.refusedWithoutChange(who, mutation, { ...input, expectedItem });
      expect(fault).toMatchObject({ code: 'CONFLICT', details: { field: 'input.expectedItem' } });
      const gone = await client.refusedWithoutChange(who, mutation, { ...input, itemId: newId(), expectedItem });
      expect(gone).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.itemId', code: 16 } });
    }
  });
});

test('an object in a list that is as expected is changed', async () => {
  const { who, id, itemId } = await start();
  const place = { id, path: 'meals', itemId, expectedItem: { field: 'kcal', eq: 300 } };
  expect((await client.send(who, 'updateItem', { ...place, item: { kcal: 301 } })).item).toEqual({
    id: itemId,
    kcal: 301,
  });
});
