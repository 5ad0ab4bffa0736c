// createDocument: who may, what is refused and where, and what the creation transition makes of it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import {
  createDocumentMutation,
  type DataService,
  person,
  startDataService,
} from '../../../tests/support/data-service.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { users } from '../../users/index.ts';

let service: DataService;
let people: People;

beforeAll(async () => {
  service = await startDataService({ others: [users] });
  people = peopleIn(service.graph);
});
afterAll(() => service.close());

const properties = {
  systolic: { type: 'number', minimum: 0 },
  takenAt: { type: 'string', format: 'date-time' },
  who: { type: 'string' },
  clinic: { type: 'string' },
  labels: { type: 'array', items: { type: 'string' }, maxItems: 2 },
  meals: { type: 'array', items: { type: 'object', properties: { kcal: { type: 'number' } } } },
  device: { type: 'object', properties: { model: { type: 'string', pattern: '^(a+)+$' } } },
};

const open = { properties, readMode: 'allUsers' };
const transition = (parts: object) => ({ ...open, creationTransition: { type: 'manual', toStatus: 'new', ...parts } });

async function create(schemaName: string, content: unknown, who = person()) {
  return (await service.ask(who, createDocumentMutation, { input: { schemaName, data: content } })).createDocument
    .document;
}

const refused = (schemaName: string, content: unknown, who = person()) =>
  service.refusal(who, createDocumentMutation, { input: { schemaName, data: content } });

async function documentCount(): Promise<number> {
  return service.graph.database.forService<'document'>('data').db.document.count();
}

describe('who may not', () => {
  test('anonymous callers', async () => {
    expect(
      await service.refusal({}, createDocumentMutation, { input: { schemaName: await service.schema() } }),
    ).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  test('anybody without the permission where the mode asks for one', async () => {
    const name = await service.schema({ createMode: 'permissionRequired' });
    const staff = person({
      staff: [{ groupId: newId(), permissions: ['CREATE_DOCUMENTS', `CREATE_DOCUMENTS:${name}`] }],
    });
    for (const who of [person(), staff, person({ permissions: ['CREATE_DOCUMENTS:other'] })]) {
      expect(await refused(name, {}, who)).toMatchObject({
        code: 'FORBIDDEN',
        details: { permission: 'CREATE_DOCUMENTS' },
      });
    }
    const before = await documentCount();
    for (const permission of ['CREATE_DOCUMENTS', `CREATE_DOCUMENTS:${name}`]) {
      await create(name, {}, person({ permissions: [permission] }));
    }
    expect(await documentCount()).toBe(before + 2);
  });
});

describe('data is refused with its path, and nothing is created', () => {
  const cases: [string, unknown, string][] = [
    ['no object', 'x', 'input.data'],
    ['a list', [], 'input.data'],
    ['a value of the wrong type', { systolic: 'high' }, 'input.data.systolic'],
    ['a value out of range', { systolic: -1 }, 'input.data.systolic'],
    ['null', { systolic: null }, 'input.data.systolic'],
    ['a property that is not declared', { diastolic: 80 }, 'input.data.diastolic'],
    ['what objects in general have', { toString: 'x' }, 'input.data.toString'],
    ['the prototype', JSON.parse('{"__proto__":{"systolic":1}}'), 'input.data.__proto__'],
    ['a value inside a list', { meals: [{ kcal: 1 }, { kcal: '2' }] }, 'input.data.meals.1.kcal'],
    ['no moment', { takenAt: 'yesterday' }, 'input.data.takenAt'],
    ['NUL', { who: 'a\0b' }, 'input.data.who'],
    ['a value on which a pattern runs away', { device: { model: `${'a'.repeat(60)}!` } }, 'input.data'],
  ];
  test.each(cases)('%s', async (_what, content, field) => {
    const name = await service.schema(open);
    const before = await documentCount();
    const refusal = await refused(name, content);
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    expect(refusal.message).toContain(`${field}: `);
    expect(await documentCount()).toBe(before);
  });

  test('an unknown schema', async () => {
    expect(await refused('no-such-schema', {})).toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'input.schemaName' },
    });
  });
});

describe('conditions', () => {
  test('input: the data must satisfy the configuration, whoever sends it', async () => {
    const configuration = {
      type: 'object',
      required: ['systolic', 'takenAt'],
      properties: { takenAt: { type: 'string', pattern: '^2026' } },
    };
    const name = await service.schema(transition({ conditions: [{ type: 'input', configuration }] }));
    const holder = person({ permissions: ['CREATE_DOCUMENTS'] });
    expect(await refused(name, { takenAt: '2026' }, holder)).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.data.systolic', code: 26 },
    });
    expect(await refused(name, { systolic: 1, takenAt: '2025' }, holder)).toMatchObject({
      details: { field: 'input.data.takenAt' },
    });
    // The text as it was sent is what counts, and what the configuration does not name does not.
    expect((await create(name, { systolic: 1, takenAt: '2026', who: 'x' })).data.takenAt).toBe(
      '2026-01-01T00:00:00.000Z',
    );
  });

  test('initiatorHasRelationToGroupInData: staff, with a permission of any name', async () => {
    const [groupId, otherId] = [newId(), newId()];
    const condition = {
      type: 'initiatorHasRelationToGroupInData',
      groupIdField: 'clinic',
      relation: 'staff',
      requiredPermission: 'RECORD',
    };
    const name = await service.schema(transition({ conditions: [condition] }));
    const staff = (permissions: string[], inGroup = groupId) => person({ staff: [{ groupId: inGroup, permissions }] });
    const strangers = [
      person({ permissions: ['RECORD', 'CREATE_DOCUMENTS'] }),
      staff([]),
      staff(['RECORD'], otherId),
      person({ patient: [{ groupId }] }),
    ];
    for (const who of strangers) {
      expect(await refused(name, { clinic: groupId }, who)).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'input.data.clinic', code: 26 },
      });
    }
    expect(await refused(name, {}, staff(['RECORD']))).toMatchObject({ details: { field: 'input.data.clinic' } });
    expect(await create(name, { clinic: groupId.toUpperCase() }, staff(['RECORD']))).toMatchObject({ status: 'new' });
  });

  test('initiatorHasRelationToGroupInData: a patient whose enlistment has not ended', async () => {
    const groupId = newId();
    const condition = { type: 'initiatorHasRelationToGroupInData', groupIdField: 'clinic', relation: 'patient' };
    const name = await service.schema(transition({ conditions: [condition] }));
    const former = person({ patient: [{ groupId, expiresAt: Date.now() - 1 }] });
    for (const who of [person(), former, person({ staff: [{ groupId, permissions: [] }] })]) {
      expect(await refused(name, { clinic: groupId }, who)).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    expect(
      await create(name, { clinic: groupId }, person({ patient: [{ groupId, expiresAt: Date.now() + 60_000 }] })),
    ).toMatchObject({ status: 'new' });
  });
});

describe('actions', () => {
  test('the outcome of actions must conform, too, or nothing is created', async () => {
    const name = await service.schema(
      transition({ actions: [{ type: 'addItems', field: 'labels', values: ['a', 'b'] }] }),
    );
    const before = await documentCount();
    expect(await refused(name, { labels: ['c'] })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.data.labels', code: 26 },
    });
    expect(await documentCount()).toBe(before);
    expect((await create(name, {})).data).toEqual({ labels: ['a', 'b'] });
  });

  test('linkUserFromData and linkGroupFromData link only what exists', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    const actions = [
      { type: 'linkUserFromData', userIdField: 'who' },
      { type: 'linkGroupFromData', groupIdField: 'clinic' },
    ];
    const name = await service.schema(transition({ actions }));
    const before = await documentCount();
    const cases = [
      [{ who: userId }, 'clinic'],
      [{ who: 'Pat', clinic: groupId }, 'who'],
      [{ who: newId(), clinic: groupId }, 'who'],
      [{ who: userId, clinic: newId() }, 'clinic'],
      [{ who: groupId, clinic: userId }, 'who'],
    ] as const;
    for (const [content, field] of cases) {
      expect(await refused(name, content)).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: `input.data.${field}`, code: 26 },
      });
    }
    expect(await documentCount()).toBe(before);
    expect(await create(name, { who: userId, clinic: groupId })).toMatchObject({
      users: [{ id: userId }],
      groups: [{ id: groupId }],
    });
  });

  test('a patient who records a measurement shares it with the groups', async () => {
    const [groupId, formerId] = [newId(), newId()];
    const actions = [
      { type: 'linkCreator' },
      { type: 'linkEnlistedGroups', onlyActive: true },
      { type: 'set', field: 'device.model', value: 'aa' },
    ];
    const name = await service.schema({
      ...transition({ actions, toStatus: 'received' }),
      statuses: { new: {}, received: {} },
    });
    const pat = person({ patient: [{ groupId }, { groupId: formerId, expiresAt: 1 }] });
    const document = await create(name, { systolic: 120, meals: [{ kcal: 1 }] }, pat);
    expect(document).toEqual({
      id: expect.any(String),
      status: 'received',
      data: { systolic: 120, meals: [{ id: expect.any(String), kcal: 1 }], device: { model: 'aa' } },
      users: [{ id: pat.userId }],
      groups: [{ id: groupId }],
      creator: { id: pat.userId },
    });
  });
});

test('the document is null for who may create but not see it', async () => {
  const name = await service.schema({ properties });
  const before = await documentCount();
  expect(await create(name, { systolic: 1 })).toBeNull();
  expect(await documentCount()).toBe(before + 1);
});

test('the event tells ids and states, and what access is decided on', async () => {
  const { position = 0n } = (await service.graph.readLog()).at(-1) ?? {};
  const groupId = newId();
  const pat = person({ patient: [{ groupId }] });
  const name = await service.schema(transition({ actions: [{ type: 'linkCreator' }, { type: 'linkEnlistedGroups' }] }));
  const document = await create(name, { who: 'a secret', systolic: 1 }, pat);
  const events = await service.graph.readLog(position);
  expect(events.map(({ type }) => type)).toEqual(['schema_created', 'document_created']);
  const { schemaId } = events[0]?.content ?? {};
  const links = { schemaId, creatorId: pat.userId, userIds: [pat.userId], groupIds: [groupId] };
  expect(events[1]).toMatchObject({
    content: { ...links, documentId: document.id, schemaName: name, status: 'new' },
    access: links,
  });
  expect(JSON.stringify(events.map(({ content, access }) => [content, access]))).not.toContain('secret');
});

test('two at once do not mind each other', async () => {
  const name = await service.schema(open);
  const documents = await Promise.all(Array.from({ length: 10 }, (_, systolic) => create(name, { systolic })));
  expect(new Set(documents.map(({ id }) => id)).size).toBe(10);
});
