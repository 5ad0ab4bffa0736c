// transitionDocument: who may, which transition runs, what its conditions see, and what a refusal leaves behind.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';
import { automatic, manual } from '../../../tests/support/transitions.ts';
import { users } from '../../users/index.ts';

let service: DataService;
let client: DocumentClient;

beforeAll(async () => {
  service = await startDataService({ others: [users] });
  client = documentClient(service);
});
afterAll(() => service.close());

const properties = {
  n: { type: 'number', maximum: 1_000 },
  note: { type: 'string' },
  who: { type: 'string' },
  labels: { type: 'array', items: { type: 'string' }, maxItems: 3 },
  takenAt: { type: 'string', format: 'date-time' },
};
const statuses = { new: {}, open: {}, done: {} };
const own = { properties, statuses, readMode: ['creator'], updateMode: ['creator'] };
const where = (data: object, more: object = {}) => ({
  type: 'document',
  configuration: { type: 'object', properties: { data: { type: 'object', ...data }, ...more } },
});
const task = (functionName: string) => ({ type: 'task', functionName });

/** A document of somebody's own, of a schema with these transitions. */
async function startWith(transitions: object[], data: object = {}, more: object = {}) {
  const who = person();
  const schemaName = await service.schema({ ...own, transitions, ...more });
  const id = await service.document(who, schemaName, data as Record<string, unknown>);
  return { who, id, schemaName };
}

async function transitioned(who: Person, id: string, name: string, data: object = {}) {
  return (await client.send(who, 'transition', { id, name, data })).document;
}

describe('who may', () => {
  const groupId = newId();
  const staff = (...permissions: string[]) => person({ staff: [{ groupId, permissions }] });

  test('nobody without a permission or the mode; a permission for transitions is enough, and for nothing else', async () => {
    const creation = { type: 'manual', toStatus: 'new', actions: [{ type: 'linkEnlistedGroups' }] };
    const modes = { updateMode: 'permissionRequired', readMode: 'allUsers', creationTransition: creation };
    const schemaName = await service.schema({ ...own, ...modes, transitions: [manual('go'), manual('stop')] });
    const creator = person({ patient: [{ groupId }] });
    const id = await service.document(creator, schemaName);
    const named = `TRANSITION_DOCUMENTS:${schemaName}`;
    for (const who of [
      creator,
      person({ permissions: ['TRANSITION_DOCUMENTS:other', `${named}:stop`, 'VIEW_DOCUMENTS'] }),
      staff('DELETE_DOCUMENTS', `${named}:stop`),
    ]) {
      const fault = await client.refusedWithoutChange(who, 'transition', { id, name: 'go' });
      expect(fault).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'TRANSITION_DOCUMENTS' } });
    }
    const goer = person({ permissions: [`${named}:go`] });
    expect((await client.refusedWithoutChange(goer, 'transition', { id, name: 'stop' })).code).toBe('FORBIDDEN');
    expect((await client.refusedWithoutChange(goer, 'transition', { id, name: 'no-such' })).code).toBe('FORBIDDEN');
    for (const who of [
      person({ permissions: ['TRANSITION_DOCUMENTS'] }),
      person({ permissions: [named] }),
      person({ permissions: [`${named}:go`] }),
      person({ permissions: ['UPDATE_DOCUMENTS'] }),
      staff('TRANSITION_DOCUMENTS'),
      staff(`${named}:go`),
    ]) {
      const anew = await service.document(creator, schemaName);
      expect((await transitioned(who, anew, 'go')).status).toBe('done');
    }
    const fault = await client.refusedWithoutChange(person({ permissions: [named] }), 'update', { id, data: { n: 1 } });
    expect(fault.code).toBe('FORBIDDEN');
  });
});

describe('refused without any trace', () => {
  test.each([
    ['neither name nor id', {}, 'input.name'],
    ['both', { name: 'go', transitionId: newId() }, 'input.transitionId'],
    ['an id that is none', { transitionId: 'go' }, 'input.transitionId'],
    ['data that is no object', { name: 'go', data: [] }, 'input.data'],
    ['data that does not conform', { name: 'go', data: { n: '1' } }, 'input.data.n'],
    ['data that is not declared', { name: 'go', data: { m: 1 } }, 'input.data.m'],
  ])('%s', async (_what, input, field) => {
    const { who, id } = await startWith([manual('go')]);
    const fault = await client.refusedWithoutChange(who, 'transition', { id, ...input });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  test('a schema that is disabled', async () => {
    const { who, id, schemaName } = await startWith([manual('go')]);
    const admin = person({ permissions: ['DISABLE_SCHEMAS'] });
    const disable =
      'mutation ($input: DisableDocumentSchemaInput!) { disableDocumentSchema(input: $input) { schema { id } } }';
    await service.ask(admin, disable, { input: { name: schemaName } });
    const all = person({
      permissions: ['UPDATE_DOCUMENTS', 'DELETE_DOCUMENTS', 'UPDATE_ACCESS_TO_DOCUMENT', 'VIEW_DOCUMENTS'],
    });
    for (const [mutation, input] of [
      ['transition', { name: 'go' }],
      ['update', { data: { n: 1 } }],
      ['deleteFields', { fields: ['n'] }],
      ['restore', { version: 1 }],
      ['link', { userIds: [] }],
      ['unlink', { allUsers: true }],
      ['delete', {}],
    ] as const) {
      const fault = await client.refusedWithoutChange(all, mutation, { id, ...input });
      expect(fault).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    }
    expect(await client.refused(who, 'create', { schemaName })).toMatchObject({ code: 'ILLEGAL_STATE' });
    expect((await client.read(who, id)).status).toBe('new');
  });

  test('a link that fails after tasks, links and other transitions', async () => {
    const { who, id } = await startWith(
      [
        manual('go', { toStatus: 'open', actions: [task('a'), { type: 'linkCreator' }], afterActions: [task('b')] }),
        automatic('follow', { fromStatuses: ['open'], actions: [{ type: 'linkUserFromData', userIdField: 'who' }] }),
      ],
      { who: newId() },
    );
    const fault = await client.refusedWithoutChange(who, 'transition', { id, name: 'go', data: { n: 1 } });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.data.who', code: 26 } });
  });

  test('an outcome of actions that does not conform', async () => {
    const add = { type: 'addItems', field: 'labels', values: ['a', 'b'] };
    const { who, id } = await startWith([manual('go', { actions: [add] })], { labels: ['x', 'y'] });
    const fault = await client.refusedWithoutChange(who, 'transition', { id, name: 'go' });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.data.labels', code: 26 } });
  });

  test('automatic transitions without end', async () => {
    const circle = [
      manual('go', { toStatus: 'open' }),
      automatic('there', { fromStatuses: ['open'], toStatus: 'done', actions: [task('again')] }),
      automatic('back', { fromStatuses: ['done'], toStatus: 'open' }),
    ];
    const { who, id } = await startWith(circle);
    const fault = await client.refusedWithoutChange(who, 'transition', { id, name: 'go' });
    expect(fault).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
  });
});

test('fifty automatic transitions in a row are allowed, one more is not', async () => {
  const names = Array.from({ length: 52 }, (_, index) => `s${index}`);
  const chain = names
    .slice(1)
    .map((toStatus, index) => automatic(`t${index}`, { fromStatuses: [`s${index}`], toStatus }));
  const more = { statuses: { ...statuses, ...Object.fromEntries(names.map((name) => [name, {}])) } };
  const go = (toStatus: string) => manual(`to-${toStatus}`, { toStatus });
  const { who, id } = await startWith([go('s0'), go('s1'), ...chain], {}, more);
  expect((await client.refusedWithoutChange(who, 'transition', { id, name: 'to-s0' })).code).toBe('ILLEGAL_STATE');
  expect((await transitioned(who, id, 'to-s1')).status).toBe('s51');
});

describe('which transition runs', () => {
  test('the first of the name that starts at the status and whose conditions hold', async () => {
    const above = (minimum: number) => ({
      type: 'input',
      configuration: { type: 'object', required: ['n'], properties: { n: { type: 'number', minimum } } },
    });
    const set = (value: string) => ({ actions: [{ type: 'set', field: 'note', value }] });
    const transitions = [
      manual('go', { fromStatuses: ['open'], ...set('elsewhere') }),
      manual('go', { conditions: [above(100)], ...set('high') }),
      manual('go', { conditions: [above(10)], ...set('middle') }),
      manual('go', { conditions: [above(5)], ...set('low') }),
    ];
    const { who, id } = await startWith(transitions);
    const fault = await client.refusedWithoutChange(who, 'transition', { id, name: 'go', data: { n: 1 } });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.data.n', code: 26 } });
    expect((await transitioned(who, id, 'go', { n: 20 })).data).toEqual({ n: 20, note: 'middle' });
  });

  test('conditions on the document see it as it was before, with its moments and links', async () => {
    const at = { type: 'string', pattern: '^20\\d\\d-.*Z$' };
    const root = {
      status: { type: 'string', const: 'new' },
      creatorId: { type: 'string' },
      userIds: { type: 'array', items: { type: 'string' }, maxItems: 0 },
      createdAt: at,
      creationTimestamp: at,
      statusChangedAt: at,
      statusChangedTimestamp: at,
      updateTimestamp: at,
    };
    const condition = where({ required: ['n'], properties: { n: { type: 'number', maximum: 5 } } }, root);
    const configuration = { ...condition.configuration, required: Object.keys(root) };
    const { who, id } = await startWith([manual('go', { conditions: [{ ...condition, configuration }] })], { n: 6 });
    const fault = await client.refusedWithoutChange(who, 'transition', { id, name: 'go', data: { n: 1 } });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.name', code: 26 } });
    await client.send(who, 'update', { id, data: { n: 5 } });
    expect((await transitioned(who, id, 'go', { n: 7 })).data).toEqual({ n: 7 });
  });

  test('input conditions see the letters that were sent, documents keep moments in UTC', async () => {
    const raw = {
      type: 'object',
      properties: { takenAt: { type: 'string', pattern: '^2026$' } },
      required: ['takenAt'],
    };
    const { who, id } = await startWith([manual('go', { conditions: [{ type: 'input', configuration: raw }] })]);
    expect((await transitioned(who, id, 'go', { takenAt: '2026' })).data).toEqual({
      takenAt: '2026-01-01T00:00:00.000Z',
    });
  });

  test('of a relation to a group, as of creation', async () => {
    const groupId = newId();
    const condition = { type: 'initiatorHasRelationToGroupInData', groupIdField: 'who', relation: 'patient' };
    const { who, id } = await startWith([manual('go', { conditions: [condition] })]);
    const fault = await client.refusedWithoutChange(who, 'transition', { id, name: 'go', data: { who: groupId } });
    expect(fault).toMatchObject({ details: { field: 'input.data.who', code: 26 } });
    const patient = { ...who, patient: [{ groupId }] };
    expect((await transitioned(patient, id, 'go', { who: groupId })).status).toBe('done');
  });
});

describe('automatic transitions', () => {
  const high = where({ required: ['n'], properties: { n: { type: 'number', minimum: 10 } } });
  const follow = automatic('follow', { fromStatuses: ['new', 'open'], conditions: [high] });

  test('follow every way of changing the data, and the event tells of them', async () => {
    const transitions = [follow, manual('go', { toStatus: 'open' })];
    const { who, id } = await startWith(transitions, { note: 'x' });
    const changed = (await client.send(who, 'update', { id, data: { n: 10 } })).document;
    expect(changed).toMatchObject({ status: 'done', version: 2, data: { n: 10, note: 'x' } });
    expect((await client.versions(who, id)).nodes[0]).toMatchObject({ kind: 'TRANSITIONED', transitions: ['follow'] });
    expect((await client.eventsOf(id)).at(-1)).toMatchObject({
      type: 'document_transitioned',
      content: { transitions: ['follow'], version: 2 },
    });
  });

  test('come after a manual one, by what it submitted; after-actions leave last, in the order of the transitions', async () => {
    const transitions = [
      manual('go', {
        toStatus: 'open',
        actions: [task('1')],
        afterActions: [task('3'), { type: 'notifyAlgoQueueManager' }],
      }),
      { ...follow, actions: [{ type: 'measurementReviewedNotification' }, task('2')], afterActions: [task('4')] },
    ];
    const { who, id } = await startWith(transitions);
    const moved = await transitioned(who, id, 'go', { n: 11 });
    expect(moved).toMatchObject({ status: 'done', version: 2 });
    expect((await client.versions(who, id)).nodes[0].transitions).toEqual(['go', 'follow']);
    const events = (await client.eventsOf(id)).slice(1);
    expect(events.map(({ type, content }) => content.functionName ?? type)).toEqual([
      'document_transitioned',
      '1',
      '2',
      '3',
      '4',
    ]);
  });

  test('the status keeps its moment when nothing moves', async () => {
    const { who, id } = await startWith([follow]);
    const before = await client.read(who, id);
    expect((await client.send(who, 'update', { id, data: { n: 1 } })).document).toMatchObject({
      statusChangedAt: before.statusChangedAt,
      status: 'new',
    });
  });
});

test('a transition to the same status that changes no data is a version, too', async () => {
  const { who, id } = await startWith([manual('touch', { toStatus: 'new' })]);
  expect(await transitioned(who, id, 'touch')).toMatchObject({ version: 2, status: 'new' });
});
