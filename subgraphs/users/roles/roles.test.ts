// Roles: creating them, giving them permissions, giving them to users.
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
  graph = await startTestSubgraphs([users]);
  people = peopleIn(graph);
});
afterAll(() => graph.close());

const me = newId();
const globally = (...permissions: string[]) => ({ userId: me, permissions });
const inGroup = (groupId: string, ...permissions: string[]) => ({ userId: me, staff: [{ groupId, permissions }] });
const published = () => publishedEvents(graph);
const versionOf = async (userId: string) => (await graph.database.accessVersions([userId]))[0];

async function refusal(result: Promise<{ errors?: readonly { message: string; extensions?: unknown }[] }>) {
  const { errors } = await result;
  return errors?.[0]?.extensions;
}

describe('createRole', () => {
  const query = `mutation ($input: CreateRoleInput!) {
    createRole(input: $input) { role { id name description permissions group { id } } }
  }`;
  const createRole = (input: object, identity: object) =>
    graph.execute('users', { query, variables: { input }, identity });

  test('needs a signed-in user', async () => {
    expect(await refusal(createRole({ name: 'nurse' }, {}))).toEqual({
      code: 'UNAUTHENTICATED',
      details: { code: 104 },
    });
  });

  test('needs CREATE_ROLE for a global role, and CREATE_GROUP_ROLE does not do', async () => {
    const identity = globally('CREATE_GROUP_ROLE');
    expect(await refusal(createRole({ name: 'nurse' }, identity))).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'CREATE_ROLE' },
    });
  });

  test('answers the same for a group of others as for one that there is not', async () => {
    const [own, other] = [await people.group(), await people.group()];
    const identity = { ...inGroup(own, 'CREATE_GROUP_ROLE'), permissions: ['CREATE_ROLE'] };
    const theirs = await createRole({ name: 'nurse', groupId: other }, identity);
    expect(theirs.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect(await createRole({ name: 'nurse', groupId: newId() }, identity)).toEqual(theirs);
  });

  test('finds no group that there is not, for whoever may create roles everywhere', async () => {
    const answer = await refusal(createRole({ name: 'nurse', groupId: newId() }, globally('CREATE_GROUP_ROLE')));
    expect(answer).toEqual({ code: 'NOT_FOUND', details: { field: 'input.groupId', code: 16 } });
  });

  test.each([
    ['name', ''],
    ['name', 'x'.repeat(101)],
    ['description', 'x'.repeat(1_001)],
    ['groupId', 'no-id'],
  ])('refuses a bad %s', async (field, value) => {
    const answer = await refusal(
      createRole({ name: 'nurse', [field]: value }, globally('CREATE_ROLE', 'CREATE_GROUP_ROLE')),
    );
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
  });

  test('creates a role of a group without permissions, and tells', async () => {
    const groupId = await people.group();
    const { data, errors } = await createRole({ name: 'nurse', groupId }, inGroup(groupId, 'CREATE_GROUP_ROLE'));
    expect(errors).toBeUndefined();
    const { role } = data.createRole;
    expect(role).toMatchObject({ name: 'nurse', description: '', permissions: [], group: { id: groupId } });
    expect((await published()).at(-1)).toEqual({ type: 'role_created', content: { roleId: role.id, groupId } });
  });
});

describe('createGroup', () => {
  const query = 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { group { id name description } } }';
  const createGroup = (input: object, identity: object) =>
    graph.execute('users', { query, variables: { input }, identity });

  test('needs CREATE_GROUP', async () => {
    expect(await refusal(createGroup({ name: 'Ward' }, globally('CREATE_ROLE')))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('refuses a name of white space', async () => {
    const answer = await refusal(createGroup({ name: '\t' }, globally('CREATE_GROUP')));
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.name' } });
  });

  test('creates a group, and tells', async () => {
    const { data } = await createGroup({ name: 'Ward', description: 'Third floor' }, globally('CREATE_GROUP'));
    expect(data.createGroup.group).toMatchObject({ name: 'Ward', description: 'Third floor' });
    const groupId = data.createGroup.group.id;
    expect((await published()).at(-1)).toEqual({ type: 'group_created', content: { groupId } });
  });
});

describe('addPermissionsToRoles', () => {
  const query = `mutation ($input: AddPermissionsToRolesInput!) {
    addPermissionsToRoles(input: $input) { roles { id permissions } }
  }`;
  const add = (roleIds: string[], permissions: string[], identity: object) =>
    graph.execute('users', { query, variables: { input: { roleIds, permissions } }, identity });

  test('forbids what is seen, and does not find what is not', async () => {
    const [own, other] = [await people.group(), await people.group()];
    const [seen, unseen, globalRole] = [
      await people.role({ groupId: own }),
      await people.role({ groupId: other }),
      await people.role(),
    ];
    const identity = inGroup(own, 'CREATE_GROUP_ROLE');
    expect(await refusal(add([seen], ['VIEW_USER'], identity))).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'ADD_GROUP_ROLE_PERMISSION' },
    });
    const missing = await add([newId()], ['VIEW_USER'], identity);
    expect(missing.errors?.[0]?.extensions).toEqual({
      code: 'NOT_FOUND',
      details: { field: 'input.roleIds.0', code: 16 },
    });
    expect(await add([unseen], ['VIEW_USER'], identity)).toEqual(missing);
    expect(await add([globalRole], ['VIEW_USER'], identity)).toEqual(missing);
  });

  test('changes no role when one of them is refused', async () => {
    const roleId = await people.role();
    const before = (await published()).length;
    const answer = await refusal(add([roleId, newId()], ['VIEW_USER'], globally('ADD_ROLE_PERMISSION', 'VIEW_ROLE')));
    expect(answer).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.roleIds.1' } });
    const after = await graph.execute('users', {
      query: 'query ($id: ID!) { role(id: $id) { permissions } }',
      variables: { id: roleId },
      identity: globally('VIEW_ROLE'),
    });
    expect(after.data.role.permissions).toEqual([]);
    expect(await published()).toHaveLength(before);
  });

  test.each([['1_STARTS_WITH_A_DIGIT'], [''], ['WITH SPACE'], ['A'.repeat(201)], ['NUL\0']])(
    'refuses the name %j',
    async (name) => {
      const answer = await refusal(add([await people.role()], ['VIEW_USER', name], globally('ADD_ROLE_PERMISSION')));
      expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.permissions.1' } });
    },
  );

  test('refuses no permissions, too many, no roles, too many', async () => {
    const identity = globally('ADD_ROLE_PERMISSION');
    const field = async (roleIds: string[], names: string[]) => (await refusal(add(roleIds, names, identity))) ?? {};
    const many = Array.from({ length: 201 }, (_, each) => `P${each}`);
    expect(await field([newId()], [])).toMatchObject({ details: { field: 'input.permissions' } });
    expect(await field([newId()], many)).toMatchObject({ details: { field: 'input.permissions' } });
    expect(await field([], ['P'])).toMatchObject({ details: { field: 'input.roleIds' } });
    expect(await field(many.slice(0, 101).map(newId), ['P'])).toMatchObject({ details: { field: 'input.roleIds' } });
  });

  test('adds what is lacking in order, tells of that only, and reaches every holder', async () => {
    const groupId = await people.group();
    const [globalRole, groupRole, full] = [
      await people.role({ permissions: ['VIEW_USER'] }),
      await people.role({ groupId }),
      await people.role({ permissions: ['VIEW_USER', 'custom:x'] }),
    ];
    const [holder, member, holderOfFull] = [await people.user(), await people.user(), await people.user()];
    await people.hold(holder, globalRole);
    await people.hold(holderOfFull, full);
    await people.staff(member, groupId, [groupRole]);
    const before = (await published()).length;
    const identity = globally('ADD_ROLE_PERMISSION', 'ADD_GROUP_ROLE_PERMISSION', 'VIEW_ROLE', 'VIEW_GROUP');
    const { data } = await add([globalRole, groupRole, full], ['custom:x', 'VIEW_USER', 'custom:x'], identity);
    const both = ['VIEW_USER', 'custom:x'];
    expect(data.addPermissionsToRoles.roles.map(({ permissions }: { permissions: string[] }) => permissions)).toEqual([
      both,
      both,
      both,
    ]);
    const told = (await published()).slice(before);
    expect(told).toHaveLength(2);
    expect(told).toContainEqual({
      type: 'role_permissions_added',
      content: { roleId: globalRole, permissions: ['custom:x'] },
    });
    expect(told).toContainEqual({
      type: 'role_permissions_added',
      content: { roleId: groupRole, permissions: ['custom:x', 'VIEW_USER'] },
    });
    expect([await versionOf(holder), await versionOf(member), await versionOf(holderOfFull)]).toEqual(['1', '1', '0']);
    expect((await people.identityOf(member)).staff).toEqual([{ groupId, permissions: expect.arrayContaining(both) }]);
  });
});

describe('addRolesToUsers', () => {
  const query = `mutation ($input: AddRolesToUsersInput!) {
    addRolesToUsers(input: $input) { users { id roles { id } } }
  }`;
  const give = (userIds: string[], roleIds: string[], identity: object) =>
    graph.execute('users', { query, variables: { input: { userIds, roleIds } }, identity });

  test('needs ADD_ROLE_TO_USER everywhere', async () => {
    const identity = inGroup(await people.group(), ...permissionNames);
    const answer = await refusal(give([await people.user()], [await people.role()], identity));
    expect(answer).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'ADD_ROLE_TO_USER' } });
  });

  test('finds no role of a group, no unknown role, no unknown user, and gives nothing then', async () => {
    const [userId, roleId] = [await people.user(), await people.role()];
    const groupRole = await people.role({ groupId: await people.group() });
    const identity = globally('ADD_ROLE_TO_USER', 'VIEW_GROUP', 'VIEW_USER');
    const field = async (userIds: string[], roleIds: string[]) => await refusal(give(userIds, roleIds, identity));
    expect(await field([userId], [roleId, groupRole])).toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'input.roleIds.1' },
    });
    expect(await field([userId], [newId()])).toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'input.roleIds.0' },
    });
    expect(await field([userId, newId()], [roleId])).toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'input.userIds.1' },
    });
    expect(await versionOf(userId)).toBe('0');
  });

  test('gives what is not held yet, tells of that, and takes effect', async () => {
    const [one, other] = [await people.user(), await people.user()];
    const [a, b] = [
      await people.role({ permissions: ['VIEW_GROUP'] }),
      await people.role({ permissions: ['VIEW_ROLE'] }),
    ];
    await people.hold(one, a);
    const before = (await published()).length;
    const { data } = await give([one, other, one.toUpperCase()], [a, b], globally('ADD_ROLE_TO_USER', 'VIEW_USER'));
    expect(data.addRolesToUsers.users.map(({ id }: { id: string }) => id)).toEqual([one, other]);
    expect(data.addRolesToUsers.users[0].roles).toHaveLength(2);
    const told = (await published()).slice(before);
    expect(told).toEqual([
      { type: 'user_roles_added', content: { userId: one, roleIds: [b] } },
      { type: 'user_roles_added', content: { userId: other, roleIds: expect.arrayContaining([a, b]) } },
    ]);
    expect([await versionOf(one), await versionOf(other)]).toEqual(['1', '1']);
    expect((await people.identityOf(other)).permissions?.sort()).toEqual(['VIEW_GROUP', 'VIEW_ROLE']);
    await give([one], [a], globally('ADD_ROLE_TO_USER'));
    expect(await versionOf(one)).toBe('1');
  });
});
