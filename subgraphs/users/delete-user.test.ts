// Deleting an account.
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

const query = 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }';
const remove = (userId: string, identity: object) =>
  graph.execute('users', { query, variables: { input: { userId } }, identity });
const refusal = async (userId: string, identity: object) => (await remove(userId, identity)).errors?.[0]?.extensions;
const isThere = async (userId: string) => {
  const { data } = await graph.execute('users', {
    query: 'query ($ids: [ID!]!) { existingUsers(ids: $ids) }',
    variables: { ids: [userId] },
    service: 'test',
  });
  return data.existingUsers.length === 1;
};

describe('deleteUser', () => {
  test('needs a signed-in user, and an id', async () => {
    expect(await refusal(newId(), {})).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect(await refusal('x', { userId: newId() })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.userId' },
    });
  });

  test('forbids somebody who is seen, does not find somebody who is not, and deletes neither', async () => {
    const [colleague, stranger, groupId] = [await people.user(), await people.user(), await people.group()];
    await people.staff(colleague, groupId);
    const identity = { userId: newId(), staff: [{ groupId, permissions: ['DELETE_USER', 'REMOVE_STAFF'] }] };
    expect(await refusal(colleague, identity)).toEqual({
      code: 'FORBIDDEN',
      details: { code: 10, permission: 'DELETE_USER' },
    });
    const missing = await remove(newId(), identity);
    expect(missing.errors?.[0]?.extensions).toEqual({
      code: 'NOT_FOUND',
      details: { field: 'input.userId', code: 16 },
    });
    expect(await remove(stranger, identity)).toEqual(missing);
    expect([await isThere(colleague), await isThere(stranger)]).toEqual([true, true]);
  });

  test('takes roles, enlistments, requests and links along, and nothing of others', async () => {
    const [userId, other, groupId] = [await people.user(), await people.user(), await people.group()];
    const [globalRole, groupRole] = [await people.role(), await people.role({ groupId })];
    for (const each of [userId, other]) {
      await people.hold(each, globalRole);
      await people.staff(each, groupId, [groupRole]);
      await people.patient(each, groupId);
      await people.oidcLink(each, each);
      await openRequest(each);
    }
    expect(await remove(userId, { userId })).toEqual({ data: { deleteUser: { userId } } });
    expect(await rowsOf(userId)).toEqual([]);
    expect(await rowsOf(other)).toHaveLength(6);
  });

  test('tells once, and reaches whoever has the user in mind', async () => {
    const userId = await people.user();
    await remove(userId, { userId });
    const told = async () => (await graph.readLog()).filter(({ content }) => content.userId === userId);
    expect((await told()).map(({ type, content }) => ({ type, content }))).toEqual([
      { type: 'user_deleted', content: { userId } },
    ]);
    expect(await graph.database.accessVersions([userId])).toEqual(['1']);
    const identity = await graph.execute('users', {
      query: 'query ($userId: ID!) { identity(userId: $userId) { userId } }',
      variables: { userId },
      service: 'gateway',
    });
    expect(identity).toEqual({ data: { identity: null } });
    expect(await refusal(userId, { userId })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await told()).toHaveLength(1);
  });

  test('is for anybody with DELETE_USER, whom it may leave without a last administrator', async () => {
    const administrator = await people.userWith('DELETE_USER');
    const userId = await people.user();
    const identity = await people.identityOf(administrator);
    expect((await remove(userId.toUpperCase(), identity)).data).toEqual({ deleteUser: { userId } });
    expect((await remove(administrator, identity)).errors).toBeUndefined();
    expect([await isThere(userId), await isThere(administrator)]).toEqual([false, false]);
  });
});

const tables = () =>
  graph.database.forService<
    'userRole' | 'staffEnlistment' | 'staffRole' | 'patientEnlistment' | 'oidcLink' | 'verificationRequest'
  >('users').db;

async function openRequest(userId: string): Promise<void> {
  const now = new Date();
  const data = { id: newId(), userId, purpose: 'activation', mode: 'hash', requestCount: 1 };
  await tables().verificationRequest.create({ data: { ...data, lastRequestAt: now, expiresAt: now } });
}

async function rowsOf(userId: string): Promise<unknown[]> {
  const db = tables();
  const where = { userId };
  return [
    ...(await db.userRole.findMany({ where })),
    ...(await db.staffEnlistment.findMany({ where })),
    ...(await db.staffRole.findMany({ where })),
    ...(await db.patientEnlistment.findMany({ where })),
    ...(await db.oidcLink.findMany({ where })),
    ...(await db.verificationRequest.findMany({ where })),
  ];
}
