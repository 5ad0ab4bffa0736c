// userChanged and groupChanged over a WebSocket: accounts, enlistments, and who comes to see whom.
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { createGraphqlClient } from '../support/graphql-client.ts';
import { followChanges, logPosition, refusalOf } from '../support/live-changes.ts';

const users = `subscription ($userId: ID, $filter: UserFilter, $after: Position) {
  userChanged(userId: $userId, filter: $filter, after: $after) {
    kind position userId groupId matchesFilter user { id firstName }
  }
}`;
const groups = `subscription ($groupId: ID, $filter: GroupFilter, $after: Position) {
  groupChanged(groupId: $groupId, filter: $filter, after: $after) { kind position groupId matchesFilter group { id name } }
}`;
const updateUser = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }';
const deleteUser = 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }';

describeClinic('live users and groups', (world) => {
  const told = (changes: readonly { kind: string; userId: string | null }[]) =>
    changes.map(({ kind, userId }) => [kind, userId]);

  test('opening is refused without signing in and for arguments that are not valid', async () => {
    const nobody = createGraphqlClient(world.shape.url);
    const { pat } = world.clinic;
    for (const query of [users, groups]) {
      expect(await refusalOf(nobody.subscribe(query))).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await refusalOf(pat.subscribe(query, { filter: { id: { eq: 'x' } } }))).toEqual({
        code: 'BAD_USER_INPUT',
        field: 'filter.id.eq',
      });
    }
    expect(await refusalOf(pat.subscribe(users, { userId: 'x' }))).toEqual({ code: 'BAD_USER_INPUT', field: 'userId' });
    expect(await refusalOf(pat.subscribe(groups, { groupId: 'x' }))).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'groupId',
    });
  });

  test('staff follow their patients: enlisted, changed, gone, and deleted; patients hear nothing of each other', async () => {
    const { admin, jane, quinn, groupA, createUser } = world.clinic;
    const userId = await createUser('Walt');
    const after = await logPosition(admin);
    const [janes, quinns] = [
      await followChanges(jane, { query: users, after }, admin),
      await followChanges(quinn, { query: users, after }, admin),
    ];
    const enlist = () => admin.run(mutations.addPatient, { input: { userId, groupId: groupA } });
    await enlist();
    await janes.until(({ kind }) => kind === 'ACCESS_GAINED');
    await admin.run(updateUser, { input: { userId, firstName: 'Wally' } });
    await janes.until(({ kind, user }) => kind === 'UPDATED' && user.firstName === 'Wally');
    await admin.run(mutations.removePatient, { input: { userId, groupId: groupA } });
    await janes.until(({ kind }) => kind === 'ACCESS_LOST');
    await enlist();
    await janes.until((_, index) => index === 3);
    await admin.run(deleteUser, { input: { userId } });
    const changes = await janes.until(({ kind }) => kind === 'DELETED');
    expect(told(changes)).toEqual([
      ['ACCESS_GAINED', userId],
      ['UPDATED', userId],
      ['ACCESS_LOST', userId],
      ['ACCESS_GAINED', userId],
      ['DELETED', userId],
    ]);
    expect(changes.filter(({ user }) => user === null).map(({ kind }) => kind)).toEqual(['ACCESS_LOST', 'DELETED']);
    expect(quinns.subscription.received).toEqual([]);
    await Promise.all([janes.close(), quinns.close()]);
  });

  test('of roles hears who sees the user in full, and of one filtered list only who is or was in it', async () => {
    const { admin, jane, pat } = world.clinic;
    const variables = { filter: { firstName: { eq: 'Pat' } } };
    const [admins, janes] = [
      await followChanges(admin, { query: users, variables }, admin),
      await followChanges(jane, { query: users, variables }, admin),
    ];
    const role = (await admin.run(mutations.createRole, { input: { name: 'plain' } })).createRole.role.id;
    await admin.run(mutations.addRoles, {
      input: { userIds: [pat.userId, world.clinic.rosa.userId], roleIds: [role] },
    });
    const isLast = (count: number) => (_: unknown, index: number) => index === count - 1;
    await admins.until(isLast(1));
    for (const firstName of ['Patricia', 'Pat'])
      await pat.run(updateUser, { input: { userId: pat.userId, firstName } });
    const renamed = [
      ['UPDATED', pat.userId],
      ['UPDATED', pat.userId],
    ];
    const toAdmin = (await admins.until(isLast(3))).filter(({ userId }) => userId === pat.userId);
    expect(told(toAdmin)).toEqual([['UPDATED', pat.userId], ...renamed]);
    expect(told(await janes.until(isLast(2)))).toEqual(renamed);
    await Promise.all([admins.close(), janes.close()]);
  });

  test('who joins the staff of a group is told to read the list of users again, and gains the group', async () => {
    const { admin, groupB, createUser, signInAs } = world.clinic;
    const userId = await createUser('Xena');
    const xena = await signInAs('Xena');
    const after = await logPosition(admin);
    const [people, places] = [
      await followChanges(xena, { query: users, after }, admin),
      await followChanges(xena, { query: groups, after }, admin),
    ];
    await admin.run(mutations.addStaff, { input: { userIds: [userId], groupIds: [groupB] } });
    await people.until(({ userId: id, kind }) => id === null && kind === 'ACCESS_GAINED');
    const gained = await places.until(({ kind }) => kind === 'ACCESS_GAINED');
    expect(gained).toMatchObject([{ groupId: groupB, group: { id: groupB }, matchesFilter: true }]);
    await admin.run(mutations.removeStaff, { input: { userIds: [userId], groupIds: [groupB] } });
    const lost = await people.until(({ userId: id, kind }) => id === null && kind === 'ACCESS_LOST');
    expect(lost.filter(({ userId: id }) => id === null)).toMatchObject([{ groupId: groupB }, { groupId: groupB }]);
    expect((await places.until(({ kind }) => kind === 'ACCESS_LOST')).at(-1)).toMatchObject({
      groupId: groupB,
      group: null,
    });
    await Promise.all([people.close(), places.close()]);
  });

  test('new groups are told to who sees every group; enlistments in a group to who may see them', async () => {
    const { admin, jane, quinn, groupA, createUser } = world.clinic;
    const after = await logPosition(admin);
    const [admins, janes, quinns] = [
      await followChanges(admin, { query: groups, after }, admin),
      await followChanges(jane, { query: groups, variables: { groupId: groupA }, after }, admin),
      await followChanges(quinn, { query: groups, after }, admin),
    ];
    const created = (await admin.run(mutations.createGroup, { input: { name: 'New' } })).createGroup.group.id;
    const userId = await createUser('Yann');
    await admin.run(mutations.addPatient, { input: { userId, groupId: groupA } });
    await admin.run(mutations.addStaff, { input: { userIds: [userId], groupIds: [groupA] } });
    const [first] = await admins.until(({ kind }) => kind === 'CREATED');
    expect(first).toMatchObject({ groupId: created, group: { id: created, name: 'New' } });
    expect(await janes.until((_, index) => index === 1)).toMatchObject([
      { kind: 'UPDATED', groupId: groupA },
      { kind: 'UPDATED', groupId: groupA },
    ]);
    // Quinn sees the staff of A, not its other patients.
    expect(await quinns.until(({ kind }) => kind === 'UPDATED')).toHaveLength(1);
    await Promise.all([admins, janes, quinns].map((followed) => followed.close()));
  });

  test('who gains a right to see every user or group is told to read again', async () => {
    const { admin, createUser, signInAs } = world.clinic;
    const userId = await createUser('Zoe');
    const zoe = await signInAs('Zoe');
    const [people, places] = [
      await followChanges(zoe, { query: users }, admin),
      await followChanges(zoe, { query: groups }, admin),
    ];
    const role = (await admin.run(mutations.createRole, { input: { name: 'seeing' } })).createRole.role.id;
    const permissions = ['VIEW_USER', 'VIEW_GROUP'];
    await admin.run(mutations.addPermissions, { input: { roleIds: [role], permissions } });
    await admin.run(mutations.addRoles, { input: { userIds: [userId], roleIds: [role] } });
    const again = { kind: 'ACCESS_GAINED', groupId: null, matchesFilter: false };
    expect((await people.until(({ kind }) => kind === 'ACCESS_GAINED')).at(-1)).toMatchObject(again);
    expect((await places.until(({ kind }) => kind === 'ACCESS_GAINED')).at(-1)).toMatchObject(again);
    await Promise.all([people.close(), places.close()]);
  });

  test('rights that show nobody are not told', async () => {
    const { admin, createUser, signInAs } = world.clinic;
    const userId = await createUser('Una');
    const una = await signInAs('Una');
    const after = await logPosition(admin);
    const give = async (name: string, permissions: string[]) => {
      const role = (await admin.run(mutations.createRole, { input: { name } })).createRole.role.id;
      await admin.run(mutations.addPermissions, { input: { roleIds: [role], permissions } });
      await admin.run(mutations.addRoles, { input: { userIds: [userId], roleIds: [role] } });
    };
    await give('writing', ['CREATE_DOCUMENTS']);
    await give('showing', ['VIEW_USER', 'VIEW_GROUP']);
    const [people, places] = [
      await followChanges(una, { query: users, after }, admin),
      await followChanges(una, { query: groups, after }, admin),
    ];
    const others = ({ userId: id, kind }: { userId: string | null; kind: string }) => id === null && kind !== 'UPDATED';
    const again = await people.until((change) => others(change) && change.groupId === null);
    expect(again.filter((change) => others(change) && change.groupId === null)).toHaveLength(1);
    const heard = await places.until(({ kind, groupId }) => kind === 'ACCESS_GAINED' && groupId === null);
    expect(heard.filter(({ groupId }) => groupId === null)).toHaveLength(1);
    await Promise.all([people.close(), places.close()]);
  });

  test('a group that was gained and lost before it is read is not shown', async () => {
    const { admin, groupA, groupB, createUser, signInAs } = world.clinic;
    const userId = await createUser('Wanda');
    const wanda = await signInAs('Wanda');
    const after = await logPosition(admin);
    await admin.run(mutations.addPatient, { input: { userId, groupId: groupB } });
    await admin.run(mutations.removePatient, { input: { userId, groupId: groupB } });
    await admin.run(mutations.addPatient, { input: { userId, groupId: groupA } });
    const places = await followChanges(wanda, { query: groups, after }, admin);
    expect(await places.until(({ groupId }) => groupId === groupA)).toMatchObject([
      { kind: 'ACCESS_LOST', groupId: groupB, group: null },
      { kind: 'ACCESS_GAINED', groupId: groupA, group: { id: groupA } },
    ]);
    await places.close();
  });

  test('who sees groups by their people is told when somebody goes who was enlisted', async () => {
    const { admin, groupB, createUser, signInAs } = world.clinic;
    const [userId, plain, enlisted] = [await createUser('Vera'), await createUser('Will'), await createUser('Xaver')];
    const vera = await signInAs('Vera');
    const role = (await admin.run(mutations.createRole, { input: { name: 'people' } })).createRole.role.id;
    await admin.run(mutations.addPermissions, { input: { roleIds: [role], permissions: ['VIEW_USER'] } });
    await admin.run(mutations.addRoles, { input: { userIds: [userId], roleIds: [role] } });
    await admin.run(mutations.addPatient, { input: { userId: enlisted, groupId: groupB } });
    const after = await logPosition(admin);
    const [veras, admins] = [
      await followChanges(vera, { query: groups, after }, admin),
      await followChanges(admin, { query: groups, after }, admin),
    ];
    await admin.run(deleteUser, { input: { userId: plain } });
    await admin.run(deleteUser, { input: { userId: enlisted } });
    const lost = await veras.until(({ kind }) => kind === 'ACCESS_LOST');
    expect(lost).toMatchObject([{ kind: 'ACCESS_LOST', groupId: null, group: null, matchesFilter: false }]);
    const created = (await admin.run(mutations.createGroup, { input: { name: 'Later' } })).createGroup.group.id;
    expect(await admins.until(({ kind }) => kind === 'CREATED')).toMatchObject([{ groupId: created }]);
    await Promise.all([veras.close(), admins.close()]);
  });
});
