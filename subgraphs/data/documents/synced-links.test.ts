// Links made and ended by hand, and groups that come and go with the people of a document.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { users } from '../../users/index.ts';

let service: DataService;
let client: DocumentClient;
let people: People;

beforeAll(async () => {
  service = await startDataService({ others: [users] });
  client = documentClient(service);
  people = peopleIn(service.graph);
});
afterAll(() => service.close());

const linker = person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT', 'VIEW_DOCUMENTS'] });
const syncing = (groupSyncMode: string) => ({ readMode: ['creator'], updateMode: ['creator'], groupSyncMode });

/** A user who is a patient of one group and was one of another. */
async function patient(): Promise<{ id: string; groups: string[] }> {
  const [id, present, past] = [await people.user(), await people.group(), await people.group()];
  await people.patient(id, present);
  await people.patient(id, past, new Date(1));
  return { id, groups: [present, past] };
}

const ids = (list: { id: string }[]) => list.map(({ id }) => id);
const groupsOf = async (id: string) => ids((await client.read(linker, id)).groups);
const syncedOf = async (id: string) =>
  ((await client.trace(id)).document as { syncedGroupIds: string[] }).syncedGroupIds;

async function start(mode: string, creator: Person = person()): Promise<string> {
  return service.document(creator, await service.schema(syncing(mode)));
}

describe('with linkedUsersPatientEnlistments', () => {
  test('groups come with users and go with them, those that others bring or that were linked by hand stay', async () => {
    const [ann, ben, hand] = [await patient(), await patient(), await people.group()];
    await people.patient(ben.id, ann.groups[0] as string);
    const id = await start('linkedUsersPatientEnlistments');
    await client.send(linker, 'link', { id, groupIds: [hand, ben.groups[1]] });
    await client.send(linker, 'link', { id, userIds: [ann.id, ben.id] });
    expect(new Set(await groupsOf(id))).toEqual(new Set([hand, ...ann.groups, ...ben.groups]));
    await client.send(linker, 'unlink', { id, userIds: [ann.id] });
    expect(new Set(await groupsOf(id))).toEqual(new Set([hand, ann.groups[0], ...ben.groups]));
    await client.send(linker, 'unlink', { id, allUsers: true });
    expect(new Set(await groupsOf(id))).toEqual(new Set([hand, ben.groups[1]]));
    expect(await syncedOf(id)).toEqual([]);
  });

  test('a group that came with a user and is linked by hand stays when the user goes', async () => {
    const ann = await patient();
    const id = await start('linkedUsersPatientEnlistments');
    await client.send(linker, 'link', { id, userIds: [ann.id] });
    expect(await syncedOf(id)).toEqual(ann.groups);
    await client.send(linker, 'link', { id, groupIds: [ann.groups[1]] });
    await client.send(linker, 'unlink', { id, userIds: [ann.id] });
    expect(await groupsOf(id)).toEqual([ann.groups[1]]);
  });

  test('a group that came with a user can be unlinked by hand; what a user brought who is gone stays', async () => {
    const ann = await patient();
    const id = await start('linkedUsersPatientEnlistments');
    await client.send(linker, 'link', { id, userIds: [ann.id] });
    await client.send(linker, 'unlink', { id, groupIds: [ann.groups[0]] });
    expect([await groupsOf(id), await syncedOf(id)]).toEqual([[ann.groups[1]], [ann.groups[1]]]);
    const { db } = service.graph.database.forService<'user' | 'patientEnlistment'>('users');
    await db.patientEnlistment.deleteMany({ where: { userId: ann.id } });
    await db.user.delete({ where: { id: ann.id } });
    await client.send(linker, 'link', { id, userIds: [await people.user()] });
    expect(await groupsOf(id)).toEqual([ann.groups[1]]);
    await client.send(linker, 'unlink', { id, allGroups: true });
  });

  test('a group that was unlinked stays away when others are linked and unlinked', async () => {
    const [ann, ben] = [await patient(), await patient()];
    const [id, other] = [await start('linkedUsersPatientEnlistments'), await people.user()];
    await client.send(linker, 'link', { id, userIds: [ann.id] });
    await client.send(linker, 'unlink', { id, groupIds: [ann.groups[0]] });
    await client.send(linker, 'link', { id, userIds: [other] });
    expect(await groupsOf(id)).toEqual([ann.groups[1]]);
    await client.send(linker, 'link', { id, userIds: [ben.id] });
    await client.send(linker, 'unlink', { id, userIds: [other] });
    expect(await groupsOf(id)).toEqual([ann.groups[1], ...ben.groups]);
    const sync = (userId: string, groupId?: string) => {
      const joined = groupId && { groupId, since: new Date(Date.now() + 1).toISOString() };
      return service.graph.jobs.run('data', 'syncGroups', { userId, ...(joined ? { joined } : {}) });
    };
    await sync(ben.id, ben.groups[0]);
    await sync(ann.id);
    await sync(ann.id, ann.groups[1]);
    expect(await groupsOf(id)).toEqual([ann.groups[1], ...ben.groups]);
    await sync(ann.id, ann.groups[0]);
    expect(new Set(await groupsOf(id))).toEqual(new Set([...ann.groups, ...ben.groups]));
  });
});

test('with creatorPatientEnlistments, groups are there from creation, whoever is linked later', async () => {
  const ann = await patient();
  const creator = person({ userId: ann.id, patient: ann.groups.map((groupId) => ({ groupId })) });
  const id = await start('creatorPatientEnlistments', creator);
  expect(await groupsOf(id)).toEqual(ann.groups);
  await client.send(linker, 'link', { id, userIds: [(await patient()).id] });
  expect(await groupsOf(id)).toEqual(ann.groups);
  expect(await syncedOf(id)).toEqual(ann.groups);
});

test('without synchronisation, users bring no groups', async () => {
  const ann = await patient();
  const id = await start('disabled');
  await client.send(linker, 'link', { id, userIds: [ann.id] });
  expect(await groupsOf(id)).toEqual([]);
});

describe('unlinkDocument', () => {
  test.each([
    ['users', { userIds: [newId()] }],
    ['groups', { groupIds: [newId()] }],
    ['all users', { allUsers: true }],
    ['all groups', { allGroups: true }],
  ])('needs the permission to link, for %s', async (_what, links) => {
    const creator = person();
    const id = await start('disabled', creator);
    expect(await client.refusedWithoutChange(creator, 'unlink', { id, ...links })).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'UPDATE_ACCESS_TO_DOCUMENT' },
    });
    expect((await client.refusedWithoutChange(person(), 'unlink', { id, ...links })).code).toBe('NOT_FOUND');
  });

  test('of what is not linked is no change', async () => {
    const id = await start('disabled');
    const before = await client.trace(id);
    await client.send(linker, 'unlink', { id, userIds: [newId()], groupIds: [newId()] });
    expect(await client.trace(id)).toEqual(before);
  });

  test('is a version and an event', async () => {
    const [id, user] = [await start('disabled'), await people.user()];
    await client.send(linker, 'link', { id, userIds: [user] });
    await client.send(linker, 'unlink', { id, userIds: [user] });
    const { nodes } = await client.versions(linker, id);
    expect(nodes).toMatchObject([
      {
        version: 3,
        kind: 'LINKED',
        user: { id: linker.userId },
        changes: [{ path: 'userIds', before: [user], after: [] }],
      },
      { version: 2, kind: 'LINKED', changes: [{ path: 'userIds', before: [], after: [user] }] },
      { version: 1, kind: 'CREATED' },
    ]);
    expect((await client.eventsOf(id)).map(({ type }) => type)).toEqual([
      'document_created',
      'document_updated',
      'document_updated',
    ]);
  });
});
