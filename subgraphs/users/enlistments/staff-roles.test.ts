// Giving roles of a group to its staff, and taking them away.
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

const answer = 'users { id staffEnlistments { group { id } roles { id } } }';
const mutations = {
  addRolesToStaff: `mutation ($input: AddRolesToStaffInput!) { addRolesToStaff(input: $input) { ${answer} } }`,
  removeRolesFromStaff: `mutation ($input: RemoveRolesFromStaffInput!) {
    removeRolesFromStaff(input: $input) { ${answer} }
  }`,
};
type Mutation = keyof typeof mutations;
interface Input {
  readonly groupId: string;
  readonly userIds: readonly string[];
  readonly roleIds: readonly string[];
}
const run = (name: Mutation, input: Input, identity: object) =>
  graph.execute('users', { query: mutations[name], variables: { input }, identity });
const refusal = async (...call: Parameters<typeof run>) => (await run(...call)).errors?.[0]?.extensions;

const me = newId();
const globally = (...permissions: string[]) => ({ userId: me, permissions });
const inGroup = (groupId: string, ...permissions: string[]) => ({ userId: me, staff: [{ groupId, permissions }] });
const published = () => publishedEvents(graph);
const heldBy = async (userId: string) => (await people.identityOf(userId)).staff;

const cases: readonly [Mutation, string][] = [
  ['addRolesToStaff', 'ADD_GROUP_ROLE_TO_STAFF'],
  ['removeRolesFromStaff', 'REMOVE_GROUP_ROLE_FROM_STAFF'],
];

describe.each(cases)('%s', (name, permission) => {
  /** A group with a role that one member holds and another does not. */
  async function ward() {
    const [groupId, holder, member] = [await people.group(), await people.user(), await people.user()];
    const roleId = await people.role({ groupId, permissions: ['VIEW_PATIENTS'] });
    await people.staff(holder, groupId, [roleId]);
    await people.staff(member, groupId);
    return { groupId, holder, member, roleId };
  }

  test('needs the permission everywhere or in the group, and says nothing of groups', async () => {
    const { groupId, holder, member, roleId } = await ward();
    const input = { groupId, userIds: [holder, member], roleIds: [roleId] };
    expect(await refusal(name, input, {})).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect(await refusal(name, input, globally('ADD_STAFF', 'ADD_ROLE_TO_USER'))).toMatchObject({ code: 'FORBIDDEN' });
    const elsewhere = inGroup(await people.group(), permission);
    const theirs = await run(name, input, elsewhere);
    expect(theirs.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', details: { code: 10, permission } });
    expect(await run(name, { ...input, groupId: newId() }, elsewhere)).toEqual(theirs);
    expect(await heldBy(holder)).toEqual([{ groupId, permissions: ['VIEW_PATIENTS'] }]);
    expect(await heldBy(member)).toEqual([{ groupId, permissions: [] }]);
  });

  test.each([
    ['groupId', 'x'],
    ['userIds', []],
    ['userIds', ['x']],
    ['roleIds', []],
    ['roleIds', Array.from({ length: 101 }, newId)],
  ])('refuses bad %s', async (field, value) => {
    const input = { groupId: newId(), userIds: [newId()], roleIds: [newId()], [field]: value };
    expect(await refusal(name, input, globally(permission))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: expect.stringContaining(`input.${field}`) },
    });
  });

  test('finds no unknown group, no role that is not of the group, nobody who is not its staff, and changes nothing', async () => {
    const { groupId, holder, member, roleId } = await ward();
    const both = { groupId, userIds: [holder, member], roleIds: [roleId] };
    const identity = globally(permission, 'VIEW_USER', 'VIEW_GROUP', 'VIEW_ROLE');
    expect(await refusal(name, { ...both, groupId: newId() }, identity)).toEqual({
      code: 'NOT_FOUND',
      details: { field: 'input.groupId', code: 16 },
    });
    const [foreign, globalRole] = [await people.role({ groupId: await people.group() }), await people.role()];
    const missing = await run(name, { ...both, roleIds: [roleId, newId()] }, identity);
    expect(missing.errors?.[0]?.extensions).toEqual({
      code: 'NOT_FOUND',
      details: { field: 'input.roleIds.1', code: 16 },
    });
    for (const wrong of [foreign, globalRole]) {
      expect(await run(name, { ...both, roleIds: [roleId, wrong] }, identity)).toEqual(missing);
    }
    const patient = await people.user();
    await people.patient(patient, groupId);
    for (const wrong of [patient, await people.user(), newId()]) {
      expect(await refusal(name, { ...both, userIds: [holder, member, wrong] }, identity)).toEqual({
        code: 'NOT_FOUND',
        details: { field: 'input.userIds.2', code: 16 },
      });
    }
    expect(await heldBy(holder)).toEqual([{ groupId, permissions: ['VIEW_PATIENTS'] }]);
    expect(await heldBy(member)).toEqual([{ groupId, permissions: [] }]);
  });
});

describe('roles of staff', () => {
  test('are given in the group, to all, and only what is new is told', async () => {
    const [groupId, other] = [await people.group(), await people.group()];
    const [one, two] = [await people.user(), await people.user()];
    const [a, b] = [
      await people.role({ groupId, permissions: ['ADD_STAFF'] }),
      await people.role({ groupId, permissions: ['REMOVE_STAFF'] }),
    ];
    await people.staff(one, groupId, [a]);
    await people.staff(one, other);
    await people.staff(two, groupId, [a, b]);
    const before = (await published()).length;
    const input = { groupId: groupId.toUpperCase(), userIds: [one.toUpperCase(), two, one], roleIds: [a, b] };
    const { data, errors } = await run('addRolesToStaff', input, inGroup(groupId, 'ADD_GROUP_ROLE_TO_STAFF'));
    expect(errors).toBeUndefined();
    expect(data.addRolesToStaff.users.map(({ id }: { id: string }) => id)).toEqual([one, two]);
    expect(data.addRolesToStaff.users[0].staffEnlistments[0].roles).toHaveLength(2);
    expect((await published()).slice(before)).toEqual([
      { type: 'staff_roles_added', content: { userId: one, groupId, roleIds: [b] } },
    ]);
    expect(await graph.database.accessVersions([one, two])).toEqual(['1', '0']);
    expect(await heldBy(one)).toEqual(
      expect.arrayContaining([
        { groupId, permissions: expect.arrayContaining(['ADD_STAFF', 'REMOVE_STAFF']) },
        { groupId: other, permissions: [] },
      ]),
    );
  });

  test('are taken in the group, who does not hold them is skipped, and the enlistment stays', async () => {
    const [groupId, one, two] = [await people.group(), await people.user(), await people.user()];
    const [a, b] = [
      await people.role({ groupId, permissions: ['ADD_STAFF'] }),
      await people.role({ groupId, permissions: ['REMOVE_STAFF'] }),
    ];
    await people.staff(one, groupId, [a, b]);
    await people.staff(two, groupId, [b]);
    const before = (await published()).length;
    const input = { groupId, userIds: [one, two], roleIds: [a] };
    const { data } = await run('removeRolesFromStaff', input, globally('REMOVE_GROUP_ROLE_FROM_STAFF', 'VIEW_USER'));
    expect(data.removeRolesFromStaff.users).toEqual([
      { id: one, staffEnlistments: [{ group: { id: groupId }, roles: [{ id: b }] }] },
      { id: two, staffEnlistments: [{ group: { id: groupId }, roles: [{ id: b }] }] },
    ]);
    expect((await published()).slice(before)).toEqual([
      { type: 'staff_roles_removed', content: { userId: one, groupId, roleIds: [a] } },
    ]);
    expect(await graph.database.accessVersions([one, two])).toEqual(['1', '0']);
    expect(await heldBy(one)).toEqual([{ groupId, permissions: ['REMOVE_STAFF'] }]);
  });
});
