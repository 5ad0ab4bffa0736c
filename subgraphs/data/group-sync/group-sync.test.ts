// Group synchronisation: the groups of documents follow the enlistments of their people, also afterwards and in the
// background, on many documents, beside writers, and after a crash.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogEvent } from '../../../platform/events/event.ts';
import { newId } from '../../../platform/ids.ts';
import type { DataService } from '../../../tests/support/data-service.ts';
import { person, startDataService } from '../../../tests/support/data-service.ts';
import type { People } from '../../../tests/support/people.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { users } from '../../users/index.ts';
import type { DataModel, DataParts } from '../parts.ts';
import { withSyncedGroups } from '../workflow/synced-groups.ts';
import { groupSyncHandlers } from './handlers.ts';
import { groupSyncJobs, syncSchemaJobs } from './jobs.ts';
import type { Syncing } from './sync-documents.ts';
import { syncDocuments } from './sync-documents.ts';

let service: DataService;
let people: People;
let clock = Date.UTC(2026, 0, 1);
const minute = 60_000;

beforeAll(async () => {
  service = await startDataService({ others: [users as never], now: () => clock });
  people = peopleIn(service.graph);
});
afterAll(() => service.close());

const tables = () => service.database.forService<DataModel>('data').db;
const admin = person({ permissions: ['ADD_PATIENT', 'REMOVE_PATIENT', 'DELETE_USER', 'VIEW_USER'] });

async function inUsers(query: string): Promise<void> {
  const { errors } = await service.graph.execute('users', { query, identity: admin });
  expect(errors).toBeUndefined();
}
const enlist = (userId: string, groupId: string) =>
  inUsers(`mutation { addPatient(input: { userId: "${userId}", groupId: "${groupId}" }) { user { id } } }`);
const end = (userId: string, groupId: string) =>
  inUsers(`mutation { removePatient(input: { userId: "${userId}", groupId: "${groupId}" }) { user { id } } }`);

/** What events and jobs do; also what looks again when a while has passed. */
async function settle(): Promise<void> {
  await service.graph.deliverEvents();
  await service.graph.runJobs();
  clock += 3 * minute;
  await service.graph.runJobs();
}

interface Given {
  readonly creatorId?: string;
  readonly userIds?: string[];
  readonly groupIds?: string[];
  readonly syncedGroupIds?: string[];
}

/** Straight into the table, so that nothing was synchronised so far. */
async function documentOf(schemaId: string, given: Given): Promise<string> {
  const id = newId();
  const rest = { status: 'new', statusChangedAt: new Date(clock), data: {}, userIds: [], groupIds: [] };
  await tables().document.create({ data: { id, schemaId, creatorId: newId(), ...rest, ...given } });
  return id;
}

async function schemaWith(groupSyncMode: string, definition = {}): Promise<{ id: string; name: string }> {
  const name = await service.schema({ groupSyncMode, readMode: ['linkedGroupStaff'], ...definition });
  return tables().documentSchema.findUniqueOrThrow({ where: { name }, select: { id: true, name: true } });
}

async function links(id: string) {
  const { groupIds, syncedGroupIds, version } = await tables().document.findUniqueOrThrow({ where: { id } });
  return { groups: [...groupIds].sort(), synced: [...syncedGroupIds].sort(), version };
}

/** The data of a job about an enlistment of now. */
const joined = (groupId: string) => ({ groupId, since: new Date(clock).toISOString() });

async function unlink(id: string, input: object): Promise<void> {
  const linker = person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT', 'VIEW_DOCUMENTS'] });
  const query = 'mutation ($input: UnlinkDocumentInput!) { unlinkDocument(input: $input) { document { id } } }';
  await service.ask(linker, query, { input: { id, ...input } });
}

/** The parts that the jobs stand on, with something put around what they use. */
function partsWith(changed: Partial<DataParts> = {}): DataParts {
  const services: DataParts['services'] = {
    call: async (name, { query, variables }) => {
      const { data, errors } = await service.graph.execute(name, { query, variables, service: 'data' });
      if (errors !== undefined) throw errors[0];
      return data;
    },
  } as DataParts['services'];
  const database = service.database.forService<DataModel>('data');
  return { database, services, clock: () => clock, ...changed } as DataParts;
}

/** What looks at everything. */
const everything: Syncing = {
  since: undefined,
  formula: (document, patientGroups, { mode }) => withSyncedGroups(document, patientGroups, mode),
};

const both = ['creatorPatientEnlistments', 'linkedUsersPatientEnlistments'];

describe.each(both)('%s', (mode) => {
  const ofUser = (userId: string): Given =>
    mode === 'creatorPatientEnlistments' ? { creatorId: userId } : { userIds: [userId] };

  test('a new enlistment reaches documents that are there, and its end takes back what it gave', async () => {
    const [schema, userId, groupId, manual] = [
      await schemaWith(mode),
      await people.user(),
      await people.group(),
      newId(),
    ];
    const id = await documentOf(schema.id, { ...ofUser(userId), groupIds: [manual] });
    const staff = person({ staff: [{ groupId, permissions: [] }] });
    const seen = async () => (await service.ask(staff, `{ document(id: "${id}") { id } }`)).document;
    expect(await seen()).toBeNull();
    await enlist(userId, groupId);
    await settle();
    expect(await links(id)).toEqual({ groups: [manual, groupId].sort(), synced: [groupId], version: 2 });
    expect(await seen()).toEqual({ id });
    await end(userId, groupId);
    await settle();
    expect(await links(id)).toEqual({ groups: [manual], synced: [], version: 3 });
    expect(await seen()).toBeNull();
  });

  test('a group that was linked for its own sake stays when the enlistment ends', async () => {
    const [schema, userId, groupId] = [await schemaWith(mode), await people.user(), await people.group()];
    const id = await documentOf(schema.id, { ...ofUser(userId), groupIds: [groupId] });
    await enlist(userId, groupId);
    await settle();
    expect(await links(id)).toEqual({ groups: [groupId], synced: [], version: 1 });
    await end(userId, groupId);
    await settle();
    expect(await links(id)).toEqual({ groups: [groupId], synced: [], version: 1 });
  });

  test('an enlistment that has expired counts still', async () => {
    const [schema, userId, groupId] = [await schemaWith(mode), await people.user(), await people.group()];
    const id = await documentOf(schema.id, ofUser(userId));
    await people.patient(userId, groupId, new Date(clock - minute));
    await service.graph.jobs.run('data', 'syncGroups', { userId, joined: joined(groupId) });
    await enlist(userId, await people.group());
    await settle();
    expect((await links(id)).synced).toContain(groupId);
  });

  test('a group that was unlinked stays away until a new enlistment, however often the old one is looked at', async () => {
    const [schema, userId, groupId] = [await schemaWith(mode), await people.user(), await people.group()];
    const id = await documentOf(schema.id, ofUser(userId));
    const told = async () => (await service.graph.readLog()).filter(({ content }) => content.groupId === groupId);
    await enlist(userId, groupId);
    await service.graph.deliverEvents();
    const [event] = await told();
    const old = { ...event, createdAt: new Date(clock) } as LogEvent;
    await service.graph.runJobs();
    expect((await links(id)).synced).toEqual([groupId]);
    clock += minute;
    await unlink(id, { groupIds: [groupId] });
    clock += minute;
    // The second look, the event once more, and an enlistment elsewhere.
    await settle();
    await groupSyncHandlers(partsWith()).patient_enlistment_added?.(old);
    await enlist(userId, await people.group());
    await settle();
    expect((await links(id)).groups).not.toContain(groupId);
    await end(userId, groupId);
    await settle();
    await enlist(userId, groupId);
    await settle();
    expect((await links(id)).synced).toContain(groupId);
  });

  test('an event that is late brings its group where nobody unlinked it meanwhile, and only there', async () => {
    const [schema, userId, groupId] = [await schemaWith(mode), await people.user(), await people.group()];
    const given = { ...ofUser(userId), groupIds: [groupId] };
    const [unlinked, before, never] = [
      await documentOf(schema.id, given),
      await documentOf(schema.id, given),
      await documentOf(schema.id, ofUser(userId)),
    ];
    await unlink(before, { allGroups: true });
    clock += minute;
    await people.patient(userId, groupId);
    const createdAt = new Date(clock);
    clock += minute;
    await unlink(unlinked, { groupIds: [groupId] });
    clock += 60 * minute;
    const event = { type: 'patient_enlistment_added', content: { userId, groupId }, createdAt } as unknown as LogEvent;
    await groupSyncHandlers(partsWith()).patient_enlistment_added?.(event);
    await settle();
    expect([(await links(unlinked)).groups, (await links(before)).groups]).toEqual([[], [groupId]]);
    expect((await links(never)).groups).toEqual([groupId]);
  });

  test('documents of other users, and of schemas that do not synchronise, are left alone', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    const ids = [
      await documentOf((await schemaWith(mode)).id, ofUser(await people.user())),
      await documentOf((await schemaWith('disabled')).id, ofUser(userId)),
      await documentOf((await schemaWith(both.find((other) => other !== mode) ?? '')).id, ofUser(userId)),
    ];
    await enlist(userId, groupId);
    await settle();
    for (const id of ids) expect(await links(id)).toEqual({ groups: [], synced: [], version: 1 });
  });

  test('deleted users bring no more groups; their ids stay, and so do the groups that they brought', async () => {
    const [schema, userId, groupId] = [await schemaWith(mode), await people.user(), await people.group()];
    const given = ofUser(userId);
    const id = await documentOf(schema.id, given);
    await enlist(userId, groupId);
    await settle();
    await inUsers(`mutation { deleteUser(input: { userId: "${userId}" }) { userId } }`);
    await settle();
    expect(await links(id)).toEqual({ groups: [groupId], synced: [], version: 2 });
    expect(await tables().document.findUniqueOrThrow({ where: { id } })).toMatchObject(given);
    await service.graph.jobs.run('data', 'syncGroups', { userId });
    expect((await links(id)).groups).toEqual([groupId]);
  });
});

test('a group goes only when none of the linked users is a patient there any more', async () => {
  const [schema, one, other, groupId] = [
    await schemaWith('linkedUsersPatientEnlistments'),
    await people.user(),
    await people.user(),
    await people.group(),
  ];
  const id = await documentOf(schema.id, { userIds: [one, other] });
  await enlist(one, groupId);
  await enlist(other, groupId);
  await settle();
  await end(one, groupId);
  await settle();
  expect(await links(id)).toEqual({ groups: [groupId], synced: [groupId], version: 2 });
  await end(other, groupId);
  await settle();
  expect(await links(id)).toEqual({ groups: [], synced: [], version: 3 });
});

test('of a group that somebody brings who is still there, the document goes on to follow that enlistment', async () => {
  const [schema, gone, there] = [
    await schemaWith('linkedUsersPatientEnlistments'),
    await people.user(),
    await people.user(),
  ];
  const [shared, lone] = [await people.group(), await people.group()];
  const id = await documentOf(schema.id, { userIds: [gone, there] });
  for (const userId of [gone, there]) await enlist(userId, shared);
  await enlist(gone, lone);
  await settle();
  await inUsers(`mutation { deleteUser(input: { userId: "${gone}" }) { userId } }`);
  await settle();
  expect(await links(id)).toMatchObject({ groups: [shared, lone], synced: [shared] });
  await end(there, shared);
  await settle();
  expect(await links(id)).toMatchObject({ groups: [lone], synced: [] });
});

test('what changed is told and kept as a version that nobody made; what did not is not', async () => {
  const [schema, userId, groupId] = [
    await schemaWith('creatorPatientEnlistments'),
    await people.user(),
    await people.group(),
  ];
  const [manual, from] = [newId(), (await service.graph.readLog()).at(-1)?.position];
  const id = await documentOf(schema.id, { creatorId: userId, groupIds: [manual] });
  await enlist(userId, groupId);
  await settle();
  await service.graph.jobs.run('data', 'syncGroups', { userId });
  const told = (await service.graph.readLog(from)).filter(({ content }) => content.documentId === id);
  const groupIds = [manual, groupId];
  expect(told).toMatchObject([
    {
      type: 'document_updated',
      content: { schemaId: schema.id, schemaName: schema.name, version: 2, groupIds },
      access: { schemaId: schema.id, creatorId: userId, userIds: [], groupIds },
    },
  ]);
  expect(await tables().documentVersion.findMany({ where: { documentId: id } })).toMatchObject([
    {
      version: 2,
      kind: 'LINKED',
      userId: null,
      status: 'new',
      transitions: [],
      changes: [{ path: ['groupIds'], before: [manual], after: groupIds }],
    },
  ]);
});

describe('a schema whose mode changes', () => {
  async function changeMode(name: string, groupSyncMode: string): Promise<void> {
    const author = person({ permissions: ['UPDATE_SCHEMAS'] });
    const input = { name, definition: { groupSyncMode, readMode: ['linkedGroupStaff'] } };
    const query =
      'mutation ($input: UpdateDocumentSchemaInput!) { updateDocumentSchema(input: $input) { schema { id } } }';
    await service.ask(author, query, { input });
    await settle();
  }

  test('brings documents that are there into line; switched off, links stay for good', async () => {
    const [schema, creator, linked] = [await schemaWith('disabled'), await people.user(), await people.user()];
    const [ofCreator, ofLinked] = [await people.group(), await people.group()];
    await people.patient(creator, ofCreator);
    await people.patient(linked, ofLinked);
    const id = await documentOf(schema.id, { creatorId: creator, userIds: [linked] });
    await changeMode(schema.name, 'creatorPatientEnlistments');
    expect(await links(id)).toMatchObject({ groups: [ofCreator], synced: [ofCreator] });
    await changeMode(schema.name, 'linkedUsersPatientEnlistments');
    expect(await links(id)).toEqual({ groups: [ofLinked], synced: [ofLinked], version: 3 });
    await changeMode(schema.name, 'disabled');
    expect(await links(id)).toEqual({ groups: [ofLinked], synced: [], version: 3 });
    await end(linked, ofLinked);
    await changeMode(schema.name, 'linkedUsersPatientEnlistments');
    expect(await links(id)).toEqual({ groups: [ofLinked], synced: [], version: 3 });
  });
});

test('another mode brings back what was unlinked before, and not what is unlinked after', async () => {
  const [schema, userId] = [await schemaWith('disabled'), await people.user()];
  const [before, after] = [await people.group(), await people.group()];
  for (const groupId of [before, after]) await people.patient(userId, groupId);
  const id = await documentOf(schema.id, { creatorId: userId, groupIds: [before, after] });
  await unlink(id, { groupIds: [before] });
  clock += minute;
  const jobs = syncSchemaJobs(schema.id, clock);
  const definition = { readMode: ['linkedGroupStaff'], groupSyncMode: 'creatorPatientEnlistments' };
  await service.ask(
    person({ permissions: ['UPDATE_SCHEMAS'] }),
    'mutation ($input: UpdateDocumentSchemaInput!) { updateDocumentSchema(input: $input) { schema { id } } }',
    { input: { name: schema.name, definition } },
  );
  clock += minute;
  await unlink(id, { groupIds: [after] });
  await settle();
  for (const { job, data } of jobs) await service.graph.jobs.run('data', job, data);
  expect(await links(id)).toMatchObject({ groups: [before], synced: [before] });
});

test('a group that went with who brought it comes when another one is enlisted there', async () => {
  const [schema, gone, there] = [
    await schemaWith('linkedUsersPatientEnlistments'),
    await people.user(),
    await people.user(),
  ];
  const groupId = await people.group();
  await people.patient(gone, groupId);
  const id = await documentOf(schema.id, { userIds: [gone, there], groupIds: [groupId], syncedGroupIds: [groupId] });
  await unlink(id, { userIds: [gone] });
  expect((await links(id)).groups).toEqual([]);
  clock += 1;
  await enlist(there, groupId);
  await settle();
  expect(await links(id)).toMatchObject({ groups: [groupId], synced: [groupId] });
});

describe('many documents', () => {
  const limits = { batch: 3, batchesPerJob: 2 };

  async function manyOf(count: number) {
    const [schema, userId, groupId] = [
      await schemaWith('creatorPatientEnlistments'),
      await people.user(),
      await people.group(),
    ];
    const ids: string[] = [];
    for (let each = 0; each < count; each += 1) ids.push(await documentOf(schema.id, { creatorId: userId }));
    await people.patient(userId, groupId);
    const reached = async () => tables().document.count({ where: { schemaId: schema.id, groupIds: { has: groupId } } });
    return { schema, userId, groupId, ids, reached, enlistment: { userId, joined: joined(groupId) } };
  }

  test('are gone through in batches, over several jobs', async () => {
    const { enlistment, reached } = await manyOf(14);
    const jobs = groupSyncJobs(partsWith(), limits);
    await jobs.syncGroups?.run(enlistment, { id: 'one', number: 1 });
    expect(await reached()).toBe(6);
    const [next] = await service.graph.jobs.queued();
    expect(next).toMatchObject({ job: 'syncGroups', data: { ...enlistment, after: expect.any(String) } });
    await jobs.syncGroups?.run(next?.data ?? {}, { id: 'two', number: 1 });
    expect(await reached()).toBe(12);
    await service.graph.runJobs();
    expect(await reached()).toBe(14);
    expect(await service.graph.jobs.queued()).toEqual([]);
  });

  test('a job that is cut off and runs again does the rest, and nothing twice', async () => {
    const { enlistment, ids, reached } = await manyOf(8);
    const parts = partsWith();
    let writes = 0;
    const database: DataParts['database'] = {
      ...parts.database,
      write: async (work) => {
        writes += 1;
        if (writes === 2) throw new Error('the process is gone');
        return parts.database.write(work);
      },
    };
    const cutOff = groupSyncJobs({ ...parts, database }, limits);
    await expect(cutOff.syncGroups?.run(enlistment, { id: 'one', number: 1 })).rejects.toThrow('the process is gone');
    expect(await reached()).toBe(3);
    await groupSyncJobs(parts, { batch: 3, batchesPerJob: 5 }).syncGroups?.run(enlistment, { id: 'one', number: 2 });
    expect(await reached()).toBe(8);
    for (const id of ids) expect((await links(id)).version).toBe(2);
  });

  test('an enlistment that ends between the question and the write is seen nevertheless', async () => {
    const { schema, userId, groupId, ids } = await manyOf(2);
    const parts = partsWith();
    let asked = 0;
    const services = {
      call: async (...question: Parameters<DataParts['services']['call']>) => {
        const answer = await parts.services.call(...question);
        asked += 1;
        if (asked === 1) await end(userId, groupId);
        return answer;
      },
    } as DataParts['services'];
    await syncDocuments(ids, everything, { ...parts, services });
    for (const id of ids) expect((await links(id)).groups).toEqual([]);
    expect(schema.name).toBeDefined();
    await settle();
  });

  test('a group unlinked between the question and the write stays away', async () => {
    const { userId, groupId, ids, enlistment } = await manyOf(1);
    const [id = ''] = ids;
    const past = await people.group();
    const groupIds = [groupId, past];
    await tables().document.update({ where: { id }, data: { groupIds, syncedGroupIds: groupIds } });
    const parts = partsWith();
    let asked = 0;
    const services = {
      call: async (...question: Parameters<DataParts['services']['call']>) => {
        asked += 1;
        if (asked === 1) await unlink(id, { groupIds: [groupId] });
        return parts.services.call(...question);
      },
    } as DataParts['services'];
    await groupSyncJobs({ ...parts, services }).syncGroups?.run(enlistment, { id: userId, number: 1 });
    expect(await links(id)).toMatchObject({ groups: [], synced: [] });
  });

  test('users linked between the question and the write are asked about', async () => {
    const schema = await schemaWith('linkedUsersPatientEnlistments');
    const [one, other] = [await people.user(), await people.user()];
    const [ofOne, ofOther] = [await people.group(), await people.group()];
    await people.patient(one, ofOne);
    await people.patient(other, ofOther);
    const id = await documentOf(schema.id, { userIds: [one] });
    const parts = partsWith();
    let asked = 0;
    const services = {
      call: async (...question: Parameters<DataParts['services']['call']>) => {
        const answer = await parts.services.call(...question);
        asked += 1;
        if (asked === 1) await tables().document.update({ where: { id }, data: { userIds: [one, other] } });
        return answer;
      },
    } as DataParts['services'];
    await syncDocuments([id], everything, { ...parts, services });
    // Once, and not first by a guess.
    expect(await links(id)).toMatchObject({ groups: [ofOne, ofOther].sort(), version: 2 });
  });
});

test('who is written at the same time as an enlistment is looked at again later', async () => {
  const [schema, userId, groupId] = [
    await schemaWith('creatorPatientEnlistments'),
    await people.user(),
    await people.group(),
  ];
  await enlist(userId, groupId);
  await service.graph.deliverEvents();
  await service.graph.runJobs();
  // Its transaction began before the enlistment and ends after the first look.
  const id = await documentOf(schema.id, { creatorId: userId });
  clock += 3 * minute;
  await service.graph.runJobs();
  expect((await links(id)).groups).toEqual([groupId]);
  expect(syncSchemaJobs(schema.id, clock)).toHaveLength(2);
});
