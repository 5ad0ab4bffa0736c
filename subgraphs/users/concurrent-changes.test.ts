// Changes of rights that happen at the same time, which only a server with many connections can show.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { type PostgresServer, startPostgres } from '../../tests/support/postgres.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';
import { insertUserRoles, lockRolesToGive, type UsersDatabase } from './store.ts';

const admin = {
  userId: newId(),
  permissions: [
    'ADD_ROLE_PERMISSION',
    'ADD_GROUP_ROLE_PERMISSION',
    'ADD_ROLE_TO_USER',
    'ADD_STAFF',
    'ADD_GROUP_ROLE_TO_STAFF',
  ],
};
const mutations = {
  addPermissionsToRoles:
    'mutation ($input: AddPermissionsToRolesInput!) { addPermissionsToRoles(input: $input) { roles { id } } }',
  addRolesToUsers: 'mutation ($input: AddRolesToUsersInput!) { addRolesToUsers(input: $input) { users { id } } }',
  addStaff: 'mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id } } }',
};

describeOnServers('rights that change at the same time', ['postgres'], () => {
  let server: PostgresServer;
  let graph: TestSubgraphs;
  let people: People;
  beforeAll(async () => {
    server = await startPostgres();
    graph = await startTestSubgraphs([users], { databaseUrl: await server.createDatabase() });
    people = peopleIn(graph);
  }, 60_000);
  afterAll(async () => {
    await graph.close();
    await server.stop();
  });

  const run = async (name: keyof typeof mutations, input: object) => {
    const { errors } = await graph.execute('users', { query: mutations[name], variables: { input }, identity: admin });
    expect(errors).toBeUndefined();
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
});
