// Making users staff of groups, and ending that.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { publishedEvents } from '../../../tests/support/published-events.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

let graph: TestSubgraphs;
let people: People;
beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  people = peopleIn(graph);
});
afterAll(() => graph.close());

const queries = {
  addStaff:
    'mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id staffEnlistments { group { id } } } } }',
  removeStaff: 'mutation ($input: RemoveStaffInput!) { removeStaff(input: $input) { users { id } } }',
};
const run = (name: keyof typeof queries, input: object, identity: object) =>
  graph.execute('users', { query: queries[name], variables: { input }, identity });
const refusal = async (...call: Parameters<typeof run>) => (await run(...call)).errors?.[0]?.extensions;

const me = newId();
const globally = (...permissions: string[]) => ({ userId: me, permissions });
const inGroup = (groupId: string, ...permissions: string[]) => ({ userId: me, staff: [{ groupId, permissions }] });
const published = () => publishedEvents(graph);
const staffOf = async (userId: string) => (await people.identityOf(userId)).staff;

describe('addStaff', () => {
  test('needs ADD_STAFF somewhere at all', async () => {
    const input = { userIds: [await people.user()], groupIds: [await people.group()] };
    expect(await refusal('addStaff', input, {})).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect(await refusal('addStaff', input, globally('REMOVE_STAFF'))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('needs it in each of the groups, changes nothing else, and says nothing of groups', async () => {
    const [own, other, userId] = [await people.group(), await people.group(), await people.user()];
    const identity = inGroup(own, 'ADD_STAFF');
    const theirs = await run('addStaff', { userIds: [userId], groupIds: [own, other] }, identity);
    expect(theirs.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'ADD_STAFF' } });
    expect(await staffOf(userId)).toEqual([]);
    expect(await run('addStaff', { userIds: [userId], groupIds: [own, newId()] }, identity)).toEqual(theirs);
    expect(await run('addStaff', { userIds: [newId()], groupIds: [own, newId()] }, identity)).toEqual(theirs);
  });

  test('refuses oneself, too, without ADD_STAFF in each of the groups', async () => {
    const [own, other, userId] = [await people.group(), await people.group(), await people.user()];
    const roleId = await people.role({ groupId: own, permissions: ['ADD_STAFF'] });
    await people.staff(userId, own);
    const as = (...permissions: string[]) => ({ userId, staff: [{ groupId: own, permissions }] });
    const forbidden = { code: 'FORBIDDEN', details: { code: 10, permission: 'ADD_STAFF' } };
    const toOther = { userIds: [userId], groupIds: [other] };
    expect(await refusal('addStaff', toOther, as('ADD_STAFF'))).toEqual(forbidden);
    expect(await refusal('addStaff', toOther, as('REMOVE_STAFF', 'ADD_GROUP_ROLE_TO_STAFF'))).toEqual(forbidden);
    const role = { userIds: [userId], groupIds: [own], roleIds: [roleId] };
    expect(await refusal('addStaff', role, as('ADD_GROUP_ROLE_TO_STAFF'))).toEqual(forbidden);
    expect(await staffOf(userId)).toEqual([{ groupId: own, permissions: [] }]);
  });

  test('finds no unknown group and no unknown user, and adds nobody then', async () => {
    const [groupId, userId] = [await people.group(), await people.user()];
    const identity = globally('ADD_STAFF');
    expect(await refusal('addStaff', { userIds: [userId], groupIds: [groupId, newId()] }, identity)).toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'input.groupIds.1' },
    });
    expect(await refusal('addStaff', { userIds: [userId, newId()], groupIds: [groupId] }, identity)).toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'input.userIds.1' },
    });
    expect(await staffOf(userId)).toEqual([]);
  });

  test.each([
    ['userIds', []],
    ['groupIds', []],
    ['userIds', ['no-id']],
    ['roleIds', ['no-id']],
    ['userIds', Array.from({ length: 101 }, newId)],
  ])('refuses bad %s', async (field, value) => {
    const input = { userIds: [newId()], groupIds: [newId()], [field]: value };
    const answer = await refusal('addStaff', input, globally('ADD_STAFF'));
    expect(answer).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: expect.stringContaining(`input.${field}`) },
    });
  });

  test('takes roles of the groups given only, and tells them from no others', async () => {
    const [groupId, elsewhere, userId] = [await people.group(), await people.group(), await people.user()];
    const identity = globally('ADD_STAFF', 'ADD_GROUP_ROLE_TO_STAFF');
    const [good, foreign, globalRole] = [
      await people.role({ groupId }),
      await people.role({ groupId: elsewhere }),
      await people.role(),
    ];
    for (const wrong of [foreign, globalRole, newId()]) {
      const answer = await refusal(
        'addStaff',
        { userIds: [userId], groupIds: [groupId], roleIds: [good, wrong] },
        identity,
      );
      expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.roleIds.1' } });
    }
    expect(await staffOf(userId)).toEqual([]);
  });

  test('needs ADD_GROUP_ROLE_TO_STAFF for roles, where the role belongs', async () => {
    const [own, other, userId] = [await people.group(), await people.group(), await people.user()];
    const [ownRole, otherRole] = [await people.role({ groupId: own }), await people.role({ groupId: other })];
    const groupIds = [own, other];
    const forbidden = { code: 'FORBIDDEN', details: { permission: 'ADD_GROUP_ROLE_TO_STAFF' } };
    for (const without of [globally('ADD_STAFF'), globally('ADD_STAFF', 'VIEW_GROUP')]) {
      expect(await refusal('addStaff', { userIds: [userId], groupIds, roleIds: [ownRole] }, without)).toMatchObject(
        forbidden,
      );
    }
    const inOwn = { ...inGroup(own, 'ADD_GROUP_ROLE_TO_STAFF'), permissions: ['ADD_STAFF'] };
    const hidden = await run('addStaff', { userIds: [userId], groupIds, roleIds: [otherRole] }, inOwn);
    expect(hidden.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await run('addStaff', { userIds: [userId], groupIds, roleIds: [newId()] }, inOwn)).toEqual(hidden);
    const seeing = { ...inOwn, permissions: ['ADD_STAFF', 'VIEW_GROUP'] };
    expect(await refusal('addStaff', { userIds: [userId], groupIds, roleIds: [otherRole] }, seeing)).toMatchObject(
      forbidden,
    );
    expect(await staffOf(userId)).toEqual([]);
  });

  test('enlists in every group, each role in its own, tells, and takes effect', async () => {
    const [a, b, one, other] = [await people.group(), await people.group(), await people.user(), await people.user()];
    const role = await people.role({ groupId: a, permissions: ['VIEW_PATIENTS'] });
    const before = (await published()).length;
    const input = { userIds: [one, other], groupIds: [a, b], roleIds: [role] };
    const { data, errors } = await run(
      'addStaff',
      input,
      globally('ADD_STAFF', 'ADD_GROUP_ROLE_TO_STAFF', 'VIEW_USER'),
    );
    expect(errors).toBeUndefined();
    expect(data.addStaff.users.map(({ id }: { id: string }) => id)).toEqual([one, other]);
    expect(data.addStaff.users[1].staffEnlistments).toHaveLength(2);
    const told = (await published()).slice(before);
    expect(told).toHaveLength(4);
    expect(told).toContainEqual({
      type: 'staff_enlistment_added',
      content: { userId: one, groupId: a, roleIds: [role] },
    });
    expect(told).toContainEqual({
      type: 'staff_enlistment_added',
      content: { userId: other, groupId: b, roleIds: [] },
    });
    const expected = [
      { groupId: a, permissions: ['VIEW_PATIENTS'] },
      { groupId: b, permissions: [] },
    ];
    expect(await staffOf(one)).toEqual(expect.arrayContaining(expected));
    expect(await graph.database.accessVersions([one, other])).toEqual(['1', '1']);
  });

  test('leaves who is staff already as they are, but adds roles', async () => {
    const [groupId, userId] = [await people.group(), await people.user()];
    const roleId = await people.role({ groupId, permissions: ['REMOVE_PATIENT'] });
    await people.staff(userId, groupId);
    const before = (await published()).length;
    const identity = inGroup(groupId, 'ADD_STAFF', 'ADD_GROUP_ROLE_TO_STAFF');
    const input = { userIds: [userId], groupIds: [groupId], roleIds: [roleId] };
    await run('addStaff', input, identity);
    await run('addStaff', input, identity);
    const told = (await published()).slice(before);
    expect(told).toEqual([{ type: 'staff_roles_added', content: { userId, groupId, roleIds: [roleId] } }]);
    expect(await graph.database.accessVersions([userId])).toEqual(['1']);
    expect(await staffOf(userId)).toEqual([{ groupId, permissions: ['REMOVE_PATIENT'] }]);
  });

  test('shows the users as far as the caller sees them', async () => {
    const [own, other, userId] = [await people.group(), await people.group(), await people.user()];
    const identity = { ...inGroup(own), permissions: ['ADD_STAFF'] };
    expect((await run('addStaff', { userIds: [userId], groupIds: [other] }, identity)).data.addStaff.users).toEqual([]);
    const both = await run('addStaff', { userIds: [userId], groupIds: [own] }, identity);
    expect(both.data.addStaff.users).toEqual([{ id: userId, staffEnlistments: [{ group: { id: own } }] }]);
  });
});

describe('removeStaff', () => {
  test('needs REMOVE_STAFF in each of the groups, and says nothing of groups', async () => {
    const [own, other, userId] = [await people.group(), await people.group(), await people.user()];
    await people.staff(userId, own);
    const identity = inGroup(own, 'REMOVE_STAFF');
    const theirs = await run('removeStaff', { userIds: [userId], groupIds: [own, other] }, identity);
    expect(theirs.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'REMOVE_STAFF' },
    });
    expect(await run('removeStaff', { userIds: [userId], groupIds: [own, newId()] }, identity)).toEqual(theirs);
    expect(await staffOf(userId)).toHaveLength(1);
  });

  test('lets nobody go by themselves who may not remove staff', async () => {
    const [groupId, elsewhere, userId] = [await people.group(), await people.group(), await people.user()];
    await people.staff(userId, groupId);
    const input = { userIds: [userId], groupIds: [groupId] };
    const there = { groupId: elsewhere, permissions: ['REMOVE_STAFF', 'ADD_STAFF'] };
    for (const staff of [
      [{ groupId, permissions: [] }],
      [{ groupId, permissions: ['REMOVE_PATIENT', 'REMOVE_GROUP_ROLE_FROM_STAFF'] }],
      [{ groupId, permissions: ['ADD_STAFF'] }, there],
    ]) {
      expect(await refusal('removeStaff', input, { userId, staff })).toEqual({
        code: 'FORBIDDEN',
        details: { code: 10, permission: 'REMOVE_STAFF' },
      });
    }
    expect(await staffOf(userId)).toHaveLength(1);
  });

  test('refuses oneself, unless one could come back', async () => {
    const [groupId, userId] = [await people.group(), await people.user()];
    await people.staff(userId, groupId);
    const as = (...permissions: string[]) => ({ userId, staff: [{ groupId, permissions }] });
    const input = { userIds: [userId], groupIds: [groupId] };
    const answer = await refusal('removeStaff', input, as('REMOVE_STAFF'));
    expect(answer).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'ADD_STAFF' } });
    expect(await staffOf(userId)).toHaveLength(1);
    expect((await run('removeStaff', input, as('REMOVE_STAFF', 'ADD_STAFF'))).errors).toBeUndefined();
    expect(await staffOf(userId)).toEqual([]);
  });

  test('finds no unknown user or group', async () => {
    const [groupId, userId] = [await people.group(), await people.user()];
    const identity = globally('REMOVE_STAFF');
    const answers = [
      await refusal('removeStaff', { userIds: [newId()], groupIds: [groupId] }, identity),
      await refusal('removeStaff', { userIds: [userId], groupIds: [newId()] }, identity),
    ];
    expect(answers).toMatchObject([
      { code: 'NOT_FOUND', details: { field: 'input.userIds.0' } },
      { code: 'NOT_FOUND', details: { field: 'input.groupIds.0' } },
    ]);
  });

  test('ends enlistments with their roles, skips who is no staff, tells, and takes effect', async () => {
    const [groupId, keeps, member, stranger] = [
      await people.group(),
      await people.group(),
      await people.user(),
      await people.user(),
    ];
    const roleId = await people.role({ groupId, permissions: ['VIEW_PATIENTS'] });
    await people.staff(member, groupId, [roleId]);
    await people.staff(member, keeps);
    const before = (await published()).length;
    const input = { userIds: [member, stranger], groupIds: [groupId] };
    const { data } = await run('removeStaff', input, globally('REMOVE_STAFF'));
    expect(data.removeStaff.users).toEqual([]);
    expect((await published()).slice(before)).toEqual([
      { type: 'staff_enlistment_removed', content: { userId: member, groupId } },
    ]);
    expect(await staffOf(member)).toEqual([{ groupId: keeps, permissions: [] }]);
    expect(await graph.database.accessVersions([member, stranger])).toEqual(['1', '0']);
    await people.staff(stranger, groupId);
    expect(await staffOf(stranger)).toEqual([{ groupId, permissions: [] }]);
  });
});
