// What services learn of a user's rights.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

let graph: TestSubgraphs;
let people: People;
beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  people = peopleIn(graph);
});
afterAll(() => graph.close());

const ask = (query: string, variables: Record<string, unknown>, service: string | undefined = 'gateway') =>
  graph.execute('users', { query, variables, ...(service === '' ? {} : { service }) });

describe('internal reads', () => {
  test.each([
    ['query ($id: ID!) { identity(userId: $id) { userId } }'],
    ['query ($id: ID!) { accessVersions(userIds: [$id]) }'],
    ['query ($id: ID!) { existingUsers(ids: [$id]) }'],
    ['query ($id: ID!) { existingGroups(ids: [$id]) }'],
    ['query ($id: ID!) { patientGroups(userIds: [$id]) { userId } }'],
  ])('%s is for services only', async (query) => {
    const { data, errors } = await ask(query, { id: await people.user() }, '');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
  });

  test('know no identity of a user that there is not', async () => {
    const query = 'query ($id: ID!) { identity(userId: $id) { userId } }';
    expect(await ask(query, { id: newId() })).toEqual({ data: { identity: null } });
  });

  test('join the permissions of global roles, and of each group its own; roles of a group never hold elsewhere', async () => {
    const userId = await people.user();
    const [a, b] = [await people.group(), await people.group()];
    await people.hold(userId, await people.role({ permissions: ['VIEW_GROUP', 'custom'] }));
    await people.hold(userId, await people.role({ permissions: ['VIEW_GROUP', 'VIEW_ROLE'] }));
    await people.staff(userId, a, [await people.role({ groupId: a, permissions: ['ADD_STAFF'] })]);
    await people.staff(userId, b);
    const soon = new Date(Date.now() + 60_000);
    const past = new Date(Date.now() - 60_000);
    await people.patient(userId, a, soon);
    await people.patient(userId, b, past);
    const identity = await people.identityOf(userId);
    expect(identity.permissions?.sort()).toEqual(['VIEW_GROUP', 'VIEW_ROLE', 'custom']);
    expect(identity.staff).toHaveLength(2);
    expect(identity.staff).toContainEqual({ groupId: a, permissions: ['ADD_STAFF'] });
    expect(identity.staff).toContainEqual({ groupId: b, permissions: [] });
    expect(identity.patient).toContainEqual({ groupId: a, expiresAt: soon.getTime() });
    expect(identity.patient).toContainEqual({ groupId: b, expiresAt: past.getTime() });
  });

  test('name the version that an identity was read at, which grows with every change', async () => {
    const userId = await people.user();
    const query = 'query ($id: ID!) { identity(userId: $id) { version } accessVersions(userIds: [$id]) }';
    expect(await ask(query, { id: userId })).toEqual({ data: { identity: { version: '0' }, accessVersions: ['0'] } });
    await graph.execute('users', {
      query: 'mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id } } }',
      variables: { input: { userIds: [userId], groupIds: [await people.group()] } },
      identity: { userId: newId(), permissions: ['ADD_STAFF'] },
    });
    expect(await ask(query, { id: userId })).toEqual({ data: { identity: { version: '1' }, accessVersions: ['1'] } });
  });

  test('tell which users and groups exist', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    const query = 'query ($ids: [ID!]!) { existingUsers(ids: $ids) existingGroups(ids: $ids) }';
    const ids = [userId.toUpperCase(), userId, groupId, newId(), 'no id'];
    expect(await ask(query, { ids })).toEqual({ data: { existingUsers: [userId], existingGroups: [groupId] } });
  });

  test('tell the groups where users are or were patients, and leave out users whom there are not', async () => {
    const [userId, other] = [await people.user(), await people.user()];
    const [a, b] = [await people.group(), await people.group()];
    await people.patient(userId, a);
    await people.patient(userId, b, new Date(1_000));
    const query = 'query ($ids: [ID!]!) { patientGroups(userIds: $ids) { userId groups { groupId expiresAt } } }';
    const { data, errors } = await ask(query, { ids: [userId, newId(), other, userId.toUpperCase()] });
    expect(errors).toBeUndefined();
    expect(data.patientGroups).toHaveLength(2);
    expect(data.patientGroups).toContainEqual({ userId: other, groups: [] });
    expect(data.patientGroups).toContainEqual({
      userId,
      groups: [
        { groupId: a, expiresAt: null },
        { groupId: b, expiresAt: new Date(1_000).toISOString() },
      ],
    });
  });

  test('refuse more than a thousand users, and what is no id', async () => {
    const query = 'query ($ids: [ID!]!) { patientGroups(userIds: $ids) { userId } }';
    for (const ids of [['x'], Array.from({ length: 1_001 }, newId)]) {
      expect((await ask(query, { ids })).errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });
});
