// Transitions that wait (`delay`): the lock, the job that goes on, and what can happen in between.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { users } from '../../users/index.ts';

let service: DataService;
let client: DocumentClient;
let people: People;
let now = Date.UTC(2026, 5, 1);
const minute = 60_000;

beforeAll(async () => {
  service = await startDataService({ others: [users], now: () => now });
  client = documentClient(service);
  people = peopleIn(service.graph);
});
afterAll(() => service.close());

const delay = { type: 'delay', time: 10 * minute };
const task = (functionName: string) => ({ type: 'task', functionName });
const set = (value: string) => ({ type: 'set', field: 'note', value });
const properties = { n: { type: 'number' }, note: { type: 'string' }, who: { type: 'string' } };
const base = {
  properties,
  statuses: { new: {}, waited: {}, done: {} },
  readMode: ['creator'],
  updateMode: ['creator'],
  deleteMode: ['creator'],
};
const remind = {
  name: 'remind',
  type: 'manual',
  fromStatuses: ['new'],
  toStatus: 'waited',
  actions: [task('before'), set('first'), delay, task('after'), set('second')],
  afterActions: [task('last')],
};
const close = { name: 'close', type: 'automatic', fromStatuses: ['waited'], toStatus: 'done' };

async function startWaiting(
  more: object = {},
  data: Record<string, unknown> = {},
): Promise<{ who: Person; id: string }> {
  const who = person();
  const id = await service.document(
    who,
    await service.schema({ ...base, transitions: [remind, close], ...more }),
    data,
  );
  await client.send(who, 'transition', { id, name: 'remind', data: { n: 1 } });
  return { who, id };
}

const tasksOf = async (id: string) =>
  (await client.eventsOf(id)).flatMap(({ content }) =>
    content.functionName === undefined ? [] : [content.functionName],
  );

test('the document stays as it was until the job goes on, then everything is one version', async () => {
  const { who, id } = await startWaiting();
  const waiting = await client.read(who, id);
  expect(waiting).toMatchObject({ status: 'new', version: 1, data: {} });
  expect(new Date(waiting.transitionLockedAt).getTime()).toBe(now);
  expect(await tasksOf(id)).toEqual(['before']);

  now += 10 * minute - 1;
  expect(await service.graph.runJobs()).toBe(0);
  now += 1;
  expect(await service.graph.runJobs()).toBe(1);
  expect(await client.read(who, id)).toMatchObject({
    status: 'done',
    version: 2,
    transitionLockedAt: null,
    data: { n: 1, note: 'second' },
  });
  expect((await client.versions(who, id)).nodes[0]).toMatchObject({
    kind: 'TRANSITIONED',
    transitions: ['remind', 'close'],
    user: { id: who.userId },
  });
  expect(await tasksOf(id)).toEqual(['before', 'after', 'last']);
  expect((await client.trace(id)).run).toBeNull();
});

describe('while it waits', () => {
  test('every change is refused, and linking, but not deletion', async () => {
    const { who, id } = await startWaiting();
    const holder = { ...who, permissions: ['UPDATE_ACCESS_TO_DOCUMENT'] };
    for (const [mutation, input] of [
      ['update', { data: { n: 2 } }],
      ['deleteFields', { fields: ['n'] }],
      ['transition', { name: 'remind' }],
      ['restore', { version: 1 }],
      ['link', { userIds: [await people.user()] }],
      ['unlink', { allUsers: true }],
    ] as const) {
      const fault = await client.refusedWithoutChange(holder, mutation, { id, ...input });
      expect(fault).toMatchObject({ code: 'LOCKED_DOCUMENT', details: { code: 415 } });
    }
    await client.send(who, 'delete', { id });
    now += 10 * minute;
    expect(await service.graph.runJobs()).toBe(1);
    expect((await client.eventsOf(id)).at(-1)?.type).toBe('document_deleted');
  });

  test('a lock that nobody took away is stale five minutes after its time; the run is lost then', async () => {
    const { who, id } = await startWaiting();
    now += 15 * minute - 1;
    expect((await client.refusedWithoutChange(who, 'update', { id, data: { n: 2 } })).code).toBe('LOCKED_DOCUMENT');
    now += 1;
    const { document } = await client.send(who, 'update', { id, data: { n: 2 } });
    expect(document).toMatchObject({ data: { n: 2 }, transitionLockedAt: null, version: 2 });
    expect(
      (await client.eventsOf(id))
        .slice(-2)
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['document_transition_failed', 'document_updated']);
    const before = await client.trace(id);
    await service.graph.runJobs();
    expect(await client.trace(id)).toMatchObject({ document: before.document, versions: before.versions, run: null });
  });

  test('who links nothing takes nothing from a run that is late', async () => {
    const { who, id } = await startWaiting();
    now += 20 * minute;
    await client.send(who, 'link', { id });
    expect((await client.trace(id)).run).not.toBeNull();
    await service.graph.runJobs();
    expect(await client.read(who, id)).toMatchObject({ status: 'done', transitionLockedAt: null });
  });
});

test('what cannot go on ends: the document is free and as it was, and an event tells', async () => {
  const link = { type: 'linkUserFromData', userIdField: 'who' };
  const { who, id } = await startWaiting(
    { transitions: [{ ...remind, actions: [delay, link] }, close] },
    { who: newId() },
  );
  now += 10 * minute;
  expect(await service.graph.runJobs()).toBe(1);
  expect(await client.read(who, id)).toMatchObject({ status: 'new', version: 1, transitionLockedAt: null });
  expect((await client.eventsOf(id)).at(-1)).toMatchObject({
    type: 'document_transition_failed',
    content: { documentId: id, transition: 'remind' },
  });
  expect((await client.trace(id)).run).toBeNull();
  expect((await client.send(who, 'update', { id, data: { n: 2 } })).document.version).toBe(2);
});

test.each([
  ['lost the status', { statuses: { new: {} }, transitions: [] }],
  ['takes other data', { properties: { ...properties, n: { type: 'number', maximum: 0 } } }],
])('a transition does not go on when the schema %s meanwhile', async (_what, change) => {
  const who = person();
  const name = await service.schema({ ...base, transitions: [{ ...remind, actions: [delay] }, close] });
  const id = await service.document(who, name);
  await client.send(who, 'transition', { id, name: 'remind', data: { n: 1 } });
  const author = person({ permissions: ['UPDATE_SCHEMAS'] });
  const query =
    'mutation ($input: UpdateDocumentSchemaInput!) { updateDocumentSchema(input: $input) { schema { id } } }';
  const definition = { ...base, transitions: [{ ...remind, actions: [delay] }, close], ...change };
  await service.ask(author, query, { input: { name, definition } });
  now += 10 * minute;
  await service.graph.runJobs();
  expect(await client.read(who, id)).toMatchObject({ status: 'new', version: 1, data: {}, transitionLockedAt: null });
  expect((await client.eventsOf(id)).at(-1)?.type).toBe('document_transition_failed');
});

test('a second delay waits again', async () => {
  const twice = [set('a'), delay, set('b'), delay, set('c')];
  const { who, id } = await startWaiting({ transitions: [{ ...remind, actions: twice }] });
  now += 10 * minute;
  expect(await service.graph.runJobs()).toBe(1);
  expect(await client.read(who, id)).toMatchObject({ version: 1, status: 'new' });
  now += 10 * minute;
  expect(await service.graph.runJobs()).toBe(1);
  expect(await client.read(who, id)).toMatchObject({ version: 2, status: 'waited', data: { note: 'c' } });
});

test('a creation that waits shows what was submitted, and goes on as any other', async () => {
  const creationTransition = {
    type: 'manual',
    toStatus: 'waited',
    actions: [{ type: 'linkCreator' }, delay, set('later')],
  };
  const schemaName = await service.schema({ ...base, creationTransition, transitions: [close] });
  const who = person();
  const { document } = await client.send(who, 'create', { schemaName, data: { n: 1 } });
  expect(document).toMatchObject({ status: 'waited', version: 1, data: { n: 1 }, users: [] });
  expect(document.transitionLockedAt).not.toBeNull();
  now += 10 * minute;
  expect(await service.graph.runJobs()).toBe(1);
  expect(await client.read(who, document.id)).toMatchObject({
    status: 'done',
    version: 2,
    data: { n: 1, note: 'later' },
    users: [{ id: who.userId }],
  });
  expect((await client.eventsOf(document.id)).map(({ type }) => type)).toEqual([
    'document_created',
    'document_transitioned',
  ]);
});

test('groups that its people joined or left while it waited are those of now', async () => {
  const patient = await people.user();
  const [left, joined] = [await people.group(), await people.group()];
  await people.patient(patient, left);
  const creationTransition = {
    type: 'manual',
    toStatus: 'new',
    actions: [{ type: 'linkUserFromData', userIdField: 'who' }],
  };
  const more = { creationTransition, groupSyncMode: 'linkedUsersPatientEnlistments' };
  const { who, id } = await startWaiting(more, { who: patient });
  expect((await client.read(who, id)).groups).toEqual([{ id: left }]);
  const { db } = service.graph.database.forService<'patientEnlistment'>('users');
  await db.patientEnlistment.deleteMany({ where: { userId: patient } });
  await people.patient(patient, joined);
  const enlistment = { groupId: joined, since: new Date(now).toISOString() };
  await service.graph.jobs.run('data', 'syncGroups', { userId: patient, joined: enlistment });
  now += 10 * minute;
  await service.graph.runJobs();
  expect(await client.read(who, id)).toMatchObject({ status: 'done', groups: [{ id: joined }] });
});
