// Changes of rights that happen at the same time, which only a server with many connections can show.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { newId } from '../../platform/ids.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';
import { insertUserRoles, lockRolesToGive } from './roles/store.ts';
import type { UsersDatabase } from './store.ts';

const admin = {
  userId: newId(),
  permissions: [
    'ADD_ROLE_PERMISSION',
    'ADD_GROUP_ROLE_PERMISSION',
    'ADD_ROLE_TO_USER',
    'ADD_STAFF',
    'ADD_GROUP_ROLE_TO_STAFF',
    'REMOVE_ROLE_FROM_USER',
    'REMOVE_STAFF',
    'DELETE_ROLE',
    'DELETE_GROUP_ROLE',
    'DELETE_USER',
    'UPDATE_USER',
  ],
};
const mutations = {
  addPermissionsToRoles:
    'mutation ($input: AddPermissionsToRolesInput!) { addPermissionsToRoles(input: $input) { roles { id } } }',
  addRolesToUsers: 'mutation ($input: AddRolesToUsersInput!) { addRolesToUsers(input: $input) { users { id } } }',
  addStaff: 'mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id } } }',
  removeRolesFromUsers:
    'mutation ($input: RemoveRolesFromUsersInput!) { removeRolesFromUsers(input: $input) { users { id } } }',
  addRolesToStaff: 'mutation ($input: AddRolesToStaffInput!) { addRolesToStaff(input: $input) { users { id } } }',
  removeStaff: 'mutation ($input: RemoveStaffInput!) { removeStaff(input: $input) { users { id } } }',
  deleteRoles: 'mutation ($input: DeleteRolesInput!) { deleteRoles(input: $input) { roleIds } }',
  deleteUser: 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }',
  updateUser: 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }',
};

describeOnServers('rights that change at the same time', ['postgres'], () => {
  let server: PostgresServer;
  let graph: TestSubgraphs;
  let people: People;
  beforeAll(async () => {
    server = await startPostgres();
    graph = await startTestSubgraphs([users], { databaseUrl: await server.createDatabase() });
    people = peopleIn(graph);
  }, 300_000);
  afterAll(async () => {
    await graph.close();
    await server.stop();
  });

  const attempt = async (name: keyof typeof mutations, input: object) => {
    const { errors } = await graph.execute('users', { query: mutations[name], variables: { input }, identity: admin });
    return errors?.[0]?.extensions?.code as string | undefined;
  };
  const run = async (name: keyof typeof mutations, input: object) => {
    expect(await attempt(name, input)).toBeUndefined();
  };
  test('a permission that is added while a role is being given reaches the new holder, who is told so', async () => {
    const [userId, roleId] = [await people.user(), await people.role()];
    const database: UsersDatabase = graph.database.forService('users');
    let added = false;
    const adding = await database.write(async (tx) => {
      await lockRolesToGive(tx.db, [roleId]);
      await insertUserRoles(tx.db, [userId], [roleId]);
      tx.bumpAccess([userId]);
      const change = run('addPermissionsToRoles', { roleIds: [roleId], permissions: ['VIEW_GROUP'] }).then(() => {
        added = true;
      });
      await pause(300); // on a connection of its own it had every chance to go first
      expect(added).toBe(false);
      return { change };
    });
    await adding.change;
    expect((await people.identityOf(userId)).permissions).toEqual(['VIEW_GROUP']);
    expect(await graph.database.accessVersions([userId])).toEqual(['2']);
  });

  test('many who add permissions at once lose none and tell of each once', async () => {
    const roleId = await people.role();
    const names = Array.from({ length: 6 }, (_, each) => `custom:${each}`);
    await Promise.all(
      names.map((_, each) => run('addPermissionsToRoles', { roleIds: [roleId], permissions: names.slice(each) })),
    );
    const told = (await graph.readLog())
      .filter(({ type, content }) => type === 'role_permissions_added' && content.roleId === roleId)
      .flatMap(({ content }) => content.permissions as string[]);
    expect(told.sort()).toEqual(names);
  });

  test('many who enlist the same people at once neither fail nor tell twice', async () => {
    const userIds = [await people.user(), await people.user(), await people.user()];
    const groupIds = [await people.group(), await people.group()];
    const orders = [
      [userIds, groupIds],
      [[...userIds].reverse(), [...groupIds].reverse()],
    ] as const;
    await Promise.all(
      Array.from({ length: 8 }, (_, each) => {
        const [users, groups] = orders[each % 2 === 0 ? 0 : 1];
        return run('addStaff', { userIds: users, groupIds: groups });
      }),
    );
    const told = (await graph.readLog()).filter(
      ({ type, content }) => type === 'staff_enlistment_added' && groupIds.includes(content.groupId as string),
    );
    expect(told).toHaveLength(6);
  });

  test('a role that is deleted while it is being given is lost by the new holder, who is told so', async () => {
    const [userId, roleId] = [await people.user(), await people.role({ permissions: ['VIEW_GROUP'] })];
    const database: UsersDatabase = graph.database.forService('users');
    const deleting = await database.write(async (tx) => {
      await lockRolesToGive(tx.db, [roleId]);
      await insertUserRoles(tx.db, [userId], [roleId]);
      tx.bumpAccess([userId]);
      const change = run('deleteRoles', { roleIds: [roleId] });
      await pause(300); // on a connection of its own it had every chance to go first
      return { change };
    });
    await deleting.change;
    expect((await people.identityOf(userId)).permissions).toEqual([]);
    expect(await graph.database.accessVersions([userId])).toEqual(['2']);
  });

  test('of two who delete a role at once, one does', async () => {
    const [roleId, kept] = [await people.role(), await people.role()];
    const database: UsersDatabase = graph.database.forService('users');
    const deleting = await database.write(async (tx) => {
      await lockRolesToGive(tx.db, [roleId]);
      const changes = [
        attempt('deleteRoles', { roleIds: [roleId] }),
        attempt('deleteRoles', { roleIds: [roleId, kept] }),
        attempt('addPermissionsToRoles', { roleIds: [kept, roleId], permissions: ['VIEW_USER'] }),
      ];
      await pause(500); // all of them have found the role by now
      return { changes };
    });
    const [one, both, adding] = await Promise.all(deleting.changes);
    expect([one, both].filter((code) => code === undefined)).toHaveLength(1);
    expect([one, both].filter((code) => code === 'NOT_FOUND')).toHaveLength(1);
    expect([undefined, 'NOT_FOUND']).toContain(adding);
    const { db } = graph.database.forService<'role'>('users');
    expect(await db.role.count({ where: { id: kept } })).toBe(one === undefined ? 1 : 0);
    const told = (await graph.readLog()).filter(
      ({ type, content }) => type === 'role_deleted' && content.roleId === roleId,
    );
    expect(told).toHaveLength(1);
  });

  test('a user who is deleted while they are given something holds nothing, and nobody fails but for not finding them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [userId, groupId, roleId] = [await people.user(), await people.group(), await people.role()];
      const groupRole = await people.role({ groupId });
      const [userIds, groupIds] = [[userId], [groupId]];
      const codes = await Promise.all([
        attempt('addRolesToUsers', { userIds, roleIds: [roleId] }),
        attempt('addStaff', { userIds, groupIds, roleIds: [groupRole] }),
        attempt('deleteUser', { userId }),
        attempt('updateUser', { userId, firstName: 'Eve' }),
        attempt('deleteUser', { userId }),
      ]);
      expect(codes.filter((code) => code !== undefined && code !== 'NOT_FOUND')).toEqual([]);
      const { db } = graph.database.forService<'userRole' | 'staffEnlistment'>('users');
      expect([
        await db.userRole.count({ where: { userId } }),
        await db.staffEnlistment.count({ where: { userId } }),
      ]).toEqual([0, 0]);
      const deletions = (await graph.readLog()).filter(
        ({ type, content }) => type === 'user_deleted' && content.userId === userId,
      );
      expect(deletions).toHaveLength(1);
    }
  });

  test('staff who are removed while they are given roles make nobody fail but for not finding them', async () => {
    const [userIds, groupId] = [[await people.user(), await people.user(), await people.user()], await people.group()];
    const roleIds = [await people.role({ groupId }), await people.role({ groupId })];
    const groupIds = [groupId];
    for (let round = 0; round < 10; round += 1) {
      const codes = await Promise.all([
        attempt('addStaff', { userIds, groupIds, roleIds }),
        attempt('removeStaff', { userIds: [...userIds].reverse(), groupIds }),
        attempt('addStaff', { userIds: [...userIds].reverse(), groupIds, roleIds: [...roleIds].reverse() }),
        attempt('addRolesToStaff', { groupId, userIds, roleIds }),
        attempt('removeStaff', { userIds, groupIds }),
      ]);
      expect(codes.filter((code) => code !== undefined && code !== 'NOT_FOUND')).toEqual([]);
    }
  });

  test('roles that are taken, deleted and given at once leave nothing half done', async () => {
    for (let round = 0; round < 5; round += 1) {
      const userIds = [await people.user(), await people.user(), await people.user()];
      const roleIds = [await people.role(), await people.role(), await people.role()];
      await run('addRolesToUsers', { userIds, roleIds });
      const codes = await Promise.all([
        attempt('removeRolesFromUsers', { userIds, roleIds: roleIds.slice(0, 2) }),
        attempt('deleteRoles', { roleIds: [...roleIds].reverse() }),
        attempt('deleteUser', { userId: userIds[1] }),
        attempt('addRolesToUsers', { userIds: [...userIds].reverse(), roleIds }),
        attempt('removeRolesFromUsers', { userIds: [...userIds].reverse(), roleIds: [...roleIds].reverse() }),
      ]);
      expect(codes.filter((code) => code !== undefined && code !== 'NOT_FOUND')).toEqual([]);
      const { db } = graph.database.forService<'userRole'>('users');
      expect(await db.userRole.count({ where: { userId: { in: userIds } } })).toBe(0);
    }
  });
});
