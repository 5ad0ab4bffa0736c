// Roles that exist already: changing and deleting them, taking permissions from them, taking them from users.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { permissionNames } from '../../../platform/access/permissions.ts';
import { newId } from '../../../platform/ids.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { publishedEvents } from '../../../tests/support/published-events.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

let graph: TestSubgraphs;
let people: People;
beforeAll(async () => {
  const environment = { ADMIN_EMAIL: 'root@example.org', ADMIN_PASSWORD: 'chosen by the operator' };
  graph = await startTestSubgraphs([users], { environment });
  people = peopleIn(graph);
});
afterAll(() => graph.close());

const mutations = {
  updateRole: `mutation ($input: UpdateRoleInput!) {
    updateRole(input: $input) { role { id name description permissions } }
  }`,
  deleteRoles: 'mutation ($input: DeleteRolesInput!) { deleteRoles(input: $input) { roleIds } }',
  removePermissionsFromRoles: `mutation ($input: RemovePermissionsFromRolesInput!) {
    removePermissionsFromRoles(input: $input) { roles { id permissions } }
  }`,
  removeRolesFromUsers: `mutation ($input: RemoveRolesFromUsersInput!) {
    removeRolesFromUsers(input: $input) { users { id roles { id } } }
  }`,
};
type Mutation = keyof typeof mutations;
const run = (name: Mutation, input: object, identity: object) =>
  graph.execute('users', { query: mutations[name], variables: { input }, identity });
const refusal = async (...call: Parameters<typeof run>) => (await run(...call)).errors?.[0]?.extensions;

const me = newId();
const globally = (...permissions: string[]) => ({ userId: me, permissions });
const inGroup = (groupId: string, ...permissions: string[]) => ({ userId: me, staff: [{ groupId, permissions }] });
const published = () => publishedEvents(graph);
const versionsOf = (...userIds: string[]) => graph.database.accessVersions(userIds);
const systemRole = async () => {
  const { db } = graph.database.forService<'role'>('users');
  return db.role.findUniqueOrThrow({ where: { systemKey: 'administrator' } });
};

type InputOf = (roleId: string) => object;
const cases: readonly [Mutation, { field: string; global: string; group: string; input: InputOf }][] = [
  [
    'updateRole',
    {
      field: 'roleId',
      global: 'UPDATE_ROLE',
      group: 'UPDATE_GROUP_ROLE',
      input: (roleId) => ({ roleId, name: 'new' }),
    },
  ],
  [
    'deleteRoles',
    {
      field: 'roleIds.0',
      global: 'DELETE_ROLE',
      group: 'DELETE_GROUP_ROLE',
      input: (roleId) => ({ roleIds: [roleId] }),
    },
  ],
  [
    'removePermissionsFromRoles',
    {
      field: 'roleIds.0',
      global: 'REMOVE_ROLE_PERMISSION',
      group: 'REMOVE_GROUP_ROLE_PERMISSION',
      input: (roleId) => ({ roleIds: [roleId], permissions: ['VIEW_USER'] }),
    },
  ],
];

describe.each(cases)('%s', (name, { field, global, group, input }) => {
  test('needs a signed-in user, and ids', async () => {
    expect(await refusal(name, input(newId()), {})).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect(await refusal(name, input('x'), globally(global))).toEqual({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}`, code: 12 },
    });
  });

  test('forbids what is seen, and does not find what is not', async () => {
    const [own, other] = [await people.group(), await people.group()];
    const [seen, unseen] = [await people.role({ groupId: own }), await people.role({ groupId: other })];
    const [seenGlobal, unseenGlobal] = [await people.role(), await people.role()];
    // The permissions of the other kind of role, and those of the same group that are about something else, do not do.
    const viewer = await people.user();
    await people.hold(viewer, seenGlobal);
    const identity = {
      userId: viewer,
      permissions: ['CREATE_ROLE', 'ADD_ROLE_PERMISSION'],
      staff: [{ groupId: own, permissions: [global, 'CREATE_GROUP_ROLE'] }],
    };
    const before = (await published()).length;
    expect(await refusal(name, input(seen), identity)).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: group },
    });
    expect(await refusal(name, input(seenGlobal), identity)).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: global },
    });
    const missing = await run(name, input(newId()), identity);
    expect(missing.errors?.[0]?.extensions).toEqual({
      code: 'NOT_FOUND',
      details: { field: `input.${field}`, code: 16 },
    });
    expect(await run(name, input(unseen), identity)).toEqual(missing);
    expect(await run(name, input(unseenGlobal), identity)).toEqual(missing);
    expect(await published()).toHaveLength(before);
  });

  test('holds for global roles and for those of a group each by its own permission', async () => {
    const groupId = await people.group();
    const own = () => people.role({ groupId, permissions: ['VIEW_USER'] });
    const [first, second, third] = [await people.role({ permissions: ['VIEW_USER'] }), await own(), await own()];
    expect(await refusal(name, input(first), globally(group, 'VIEW_ROLE'))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal(name, input(second), globally(global, 'VIEW_GROUP'))).toMatchObject({ code: 'FORBIDDEN' });
    expect((await run(name, input(first.toUpperCase()), globally(global))).errors).toBeUndefined();
    expect((await run(name, input(second), globally(group))).errors).toBeUndefined();
    expect((await run(name, input(third), inGroup(groupId, group))).errors).toBeUndefined();
  });
});

describe('updateRole', () => {
  const update = (input: object) => run('updateRole', input, globally('UPDATE_ROLE', 'VIEW_ROLE'));

  test.each([
    ['name', ''],
    ['name', null],
    ['name', 'x'.repeat(101)],
    ['description', null],
    ['description', 'x'.repeat(1_001)],
    ['description', '\0'],
  ])('refuses a bad %s', async (field, value) => {
    const roleId = await people.role({ name: 'nurse' });
    const { errors } = await update({ roleId, name: 'new', [field]: value });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
    expect((await update({ roleId })).data.updateRole.role.name).toBe('nurse');
  });

  test('changes what is given, tells of that alone, and no right', async () => {
    const [roleId, holder] = [await people.role({ name: 'nurse', permissions: ['VIEW_USER'] }), await people.user()];
    await people.hold(holder, roleId);
    const before = (await published()).length;
    expect((await update({ roleId })).data.updateRole.role.name).toBe('nurse');
    await update({ roleId, name: 'nurse', description: '' });
    expect(await published()).toHaveLength(before);
    const { data } = await update({ roleId, name: 'nurse', description: 'Cares' });
    expect(data.updateRole.role).toEqual({
      id: roleId,
      name: 'nurse',
      description: 'Cares',
      permissions: ['VIEW_USER'],
    });
    const content = { roleId, groupId: null, fields: ['description'] };
    expect((await published()).slice(before)).toEqual([{ type: 'role_updated', content }]);
    expect(await versionsOf(holder)).toEqual(['0']);
  });
});

describe('deleteRoles', () => {
  test('refuses no roles and too many', async () => {
    for (const roleIds of [[], Array.from({ length: 101 }, newId)]) {
      expect(await refusal('deleteRoles', { roleIds }, globally('DELETE_ROLE'))).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'input.roleIds' },
      });
    }
  });

  test("refuses the platform's own role, and deletes no other then", async () => {
    const [own, roleId] = [(await systemRole()).id, await people.role()];
    expect(await refusal('deleteRoles', { roleIds: [roleId, own] }, globally('DELETE_ROLE'))).toEqual({
      code: 'ILLEGAL_STATE',
      details: { field: 'input.roleIds.1', code: 27 },
    });
    const { db } = graph.database.forService<'role'>('users');
    expect(await db.role.count({ where: { id: { in: [own, roleId] } } })).toBe(2);
  });

  test('deletes no role when one of them is not there', async () => {
    const roleId = await people.role();
    const answer = await refusal('deleteRoles', { roleIds: [roleId, newId()] }, globally('DELETE_ROLE'));
    expect(answer).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.roleIds.1' } });
    const { db } = graph.database.forService<'role'>('users');
    expect(await db.role.count({ where: { id: roleId } })).toBe(1);
  });

  test('deletes, tells, and takes the rights from every holder', async () => {
    const groupId = await people.group();
    const [globalRole, groupRole] = [
      await people.role({ permissions: ['VIEW_USER'] }),
      await people.role({ groupId, permissions: ['ADD_STAFF'] }),
    ];
    const [holder, member, other] = [await people.user(), await people.user(), await people.user()];
    await people.hold(holder, globalRole);
    await people.hold(holder, await people.role({ permissions: ['VIEW_ROLE'] }));
    await people.staff(member, groupId, [groupRole]);
    await people.staff(other, groupId);
    const before = (await published()).length;
    const identity = globally('DELETE_ROLE', 'DELETE_GROUP_ROLE');
    const { data } = await run('deleteRoles', { roleIds: [globalRole, groupRole, globalRole] }, identity);
    expect(data.deleteRoles.roleIds).toEqual([globalRole, groupRole]);
    const told = (await published()).slice(before);
    expect(told).toHaveLength(2);
    expect(told).toContainEqual({ type: 'role_deleted', content: { roleId: globalRole, groupId: null } });
    expect(told).toContainEqual({ type: 'role_deleted', content: { roleId: groupRole, groupId } });
    expect(await versionsOf(holder, member, other)).toEqual(['1', '1', '0']);
    expect((await people.identityOf(holder)).permissions).toEqual(['VIEW_ROLE']);
    expect((await people.identityOf(member)).staff).toEqual([{ groupId, permissions: [] }]);
    expect(await refusal('deleteRoles', { roleIds: [globalRole] }, identity)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('removePermissionsFromRoles', () => {
  test('refuses no permissions, and names that no role can hold', async () => {
    const roleIds = [await people.role()];
    const identity = globally('REMOVE_ROLE_PERMISSION');
    expect(await refusal('removePermissionsFromRoles', { roleIds, permissions: [] }, identity)).toMatchObject({
      details: { field: 'input.permissions' },
    });
    const permissions = ['VIEW_USER', 'with space'];
    expect(await refusal('removePermissionsFromRoles', { roleIds, permissions }, identity)).toMatchObject({
      details: { field: 'input.permissions.1' },
    });
  });

  test("refuses the platform's own role, and changes no other then", async () => {
    const [own, roleId] = [(await systemRole()).id, await people.role({ permissions: ['VIEW_USER'] })];
    const input = { roleIds: [roleId, own], permissions: ['VIEW_USER'] };
    expect(await refusal('removePermissionsFromRoles', input, globally('REMOVE_ROLE_PERMISSION'))).toEqual({
      code: 'ILLEGAL_STATE',
      details: { field: 'input.roleIds.1', code: 27 },
    });
    expect((await systemRole()).permissions).toEqual([...permissionNames].sort());
    const { db } = graph.database.forService<'role'>('users');
    expect(await db.role.findUnique({ where: { id: roleId } })).toMatchObject({ permissions: ['VIEW_USER'] });
  });

  test('takes what is held, tells of that only, and reaches every holder', async () => {
    const groupId = await people.group();
    const [globalRole, groupRole, without] = [
      await people.role({ permissions: ['VIEW_GROUP', 'VIEW_USER', 'custom:x'] }),
      await people.role({ groupId, permissions: ['ADD_STAFF', 'VIEW_USER'] }),
      await people.role({ permissions: ['VIEW_GROUP'] }),
    ];
    const [holder, member, other] = [await people.user(), await people.user(), await people.user()];
    await people.hold(holder, globalRole);
    await people.staff(member, groupId, [groupRole]);
    await people.hold(other, without);
    const before = (await published()).length;
    const input = { roleIds: [globalRole, groupRole, without], permissions: ['custom:x', 'VIEW_USER', 'custom:x'] };
    const identity = globally('REMOVE_ROLE_PERMISSION', 'REMOVE_GROUP_ROLE_PERMISSION', 'VIEW_ROLE', 'VIEW_GROUP');
    const { data } = await run('removePermissionsFromRoles', input, identity);
    expect(data.removePermissionsFromRoles.roles).toEqual([
      { id: globalRole, permissions: ['VIEW_GROUP'] },
      { id: groupRole, permissions: ['ADD_STAFF'] },
      { id: without, permissions: ['VIEW_GROUP'] },
    ]);
    const told = (await published()).slice(before);
    const type = 'role_permissions_removed';
    expect(told).toHaveLength(2);
    expect(told).toContainEqual({ type, content: { roleId: globalRole, permissions: ['custom:x', 'VIEW_USER'] } });
    expect(told).toContainEqual({ type, content: { roleId: groupRole, permissions: ['VIEW_USER'] } });
    expect(await versionsOf(holder, member, other)).toEqual(['1', '1', '0']);
    expect((await people.identityOf(holder)).permissions).toEqual(['VIEW_GROUP']);
    expect((await people.identityOf(member)).staff).toEqual([{ groupId, permissions: ['ADD_STAFF'] }]);
  });
});

describe('removeRolesFromUsers', () => {
  test('needs REMOVE_ROLE_FROM_USER everywhere', async () => {
    const [userId, roleId] = [await people.user(), await people.role()];
    await people.hold(userId, roleId);
    const input = { userIds: [userId], roleIds: [roleId] };
    for (const identity of [inGroup(await people.group(), ...permissionNames), globally('ADD_ROLE_TO_USER')]) {
      expect(await refusal('removeRolesFromUsers', input, identity)).toMatchObject({
        code: 'FORBIDDEN',
        details: { permission: 'REMOVE_ROLE_FROM_USER' },
      });
    }
    expect(await versionsOf(userId)).toEqual(['0']);
  });

  test('finds no role of a group, no unknown role, no unknown user, and takes nothing then', async () => {
    const [userId, roleId, groupId] = [await people.user(), await people.role(), await people.group()];
    const groupRole = await people.role({ groupId });
    await people.hold(userId, roleId);
    await people.staff(userId, groupId, [groupRole]);
    const identity = globally('REMOVE_ROLE_FROM_USER', 'VIEW_GROUP', 'VIEW_USER');
    const answer = (userIds: string[], roleIds: string[]) =>
      refusal('removeRolesFromUsers', { userIds, roleIds }, identity);
    expect(await answer([userId], [roleId, groupRole])).toEqual({
      code: 'NOT_FOUND',
      details: { field: 'input.roleIds.1', code: 16 },
    });
    expect(await answer([userId], [newId()])).toMatchObject({ details: { field: 'input.roleIds.0' } });
    expect(await answer([userId, newId()], [roleId])).toMatchObject({ details: { field: 'input.userIds.1' } });
    expect(await answer([], [roleId])).toMatchObject({ details: { field: 'input.userIds' } });
    expect(await versionsOf(userId)).toEqual(['0']);
  });

  test('takes what is held, skips the rest, tells, and takes effect', async () => {
    const [one, other] = [await people.user(), await people.user()];
    const [a, b] = [
      await people.role({ permissions: ['VIEW_GROUP'] }),
      await people.role({ permissions: ['VIEW_ROLE'] }),
    ];
    await people.hold(one, a);
    await people.hold(one, b);
    const before = (await published()).length;
    const input = { userIds: [one, other, one.toUpperCase()], roleIds: [a] };
    const { data } = await run('removeRolesFromUsers', input, globally('REMOVE_ROLE_FROM_USER', 'VIEW_USER'));
    expect(data.removeRolesFromUsers.users).toEqual([
      { id: one, roles: [{ id: b }] },
      { id: other, roles: [] },
    ]);
    expect((await published()).slice(before)).toEqual([
      { type: 'user_roles_removed', content: { userId: one, roleIds: [a] } },
    ]);
    expect(await versionsOf(one, other)).toEqual(['1', '0']);
    expect((await people.identityOf(one)).permissions).toEqual(['VIEW_ROLE']);
  });
});
