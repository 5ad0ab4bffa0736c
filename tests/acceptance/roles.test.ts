// Roles of a group and of the whole clinic: made, given, changed, taken and deleted, each with its effect at once.
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';

const operations = {
  ...mutations,
  updateRole: 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { name } } }',
  deleteRoles: 'mutation ($input: DeleteRolesInput!) { deleteRoles(input: $input) { roleIds } }',
  removePermissions: `mutation ($input: RemovePermissionsFromRolesInput!) {
    removePermissionsFromRoles(input: $input) { roles { permissions } }
  }`,
  removeRoles: 'mutation ($input: RemoveRolesFromUsersInput!) { removeRolesFromUsers(input: $input) { users { id } } }',
  addRolesToStaff: 'mutation ($input: AddRolesToStaffInput!) { addRolesToStaff(input: $input) { users { id } } }',
  removeRolesFromStaff: `mutation ($input: RemoveRolesFromStaffInput!) {
    removeRolesFromStaff(input: $input) { users { id } }
  }`,
  patients: 'query ($groupId: ID) { patients(groupId: $groupId) { totalCount nodes { firstName } } }',
  staff: 'query ($groupId: ID) { staff(groupId: $groupId) { totalCount nodes { firstName } } }',
};

const codeOf = async (client: GraphqlClient, operation: keyof typeof operations, variables: object) =>
  (await client.ask(operations[operation], { ...variables })).errors?.[0]?.extensions.code;

describeClinic('roles', (world) => {
  test('of a group are in the hands of its staff who may, and work from the next request on', async () => {
    const { admin, jane, karim, pat, rosa, groupA, groupB } = world.clinic;
    const removeRosa = { input: { userId: rosa.userId, groupId: groupB } };
    const karimIn = { groupId: groupB, userIds: [karim.userId] };
    const { role } = (await admin.run(operations.createRole, { input: { name: 'discharge', groupId: groupB } }))
      .createRole;
    const roleIds = [role.id];
    const permissions = ['REMOVE_PATIENT', 'UPDATE_GROUP_ROLE', 'REMOVE_GROUP_ROLE_FROM_STAFF'];

    expect(await codeOf(karim, 'updateRole', { input: { roleId: role.id, name: 'x' } })).toBe('FORBIDDEN');
    expect(await codeOf(jane, 'updateRole', { input: { roleId: role.id, name: 'x' } })).toBe('NOT_FOUND');
    expect(await codeOf(karim, 'addRolesToStaff', { input: { ...karimIn, roleIds } })).toBe('FORBIDDEN');
    expect(await codeOf(admin, 'addRolesToStaff', { input: { ...karimIn, userIds: [jane.userId], roleIds } })).toBe(
      'NOT_FOUND',
    );
    expect(await codeOf(admin, 'addRolesToStaff', { input: { ...karimIn, groupId: groupA, roleIds } })).toBe(
      'NOT_FOUND',
    );

    await admin.run(operations.addRolesToStaff, { input: { ...karimIn, roleIds } });
    expect(await codeOf(karim, 'removePatient', removeRosa)).toBe('FORBIDDEN');
    await admin.run(operations.addPermissions, { input: { roleIds, permissions } });
    expect(await codeOf(karim, 'updateRole', { input: { roleId: role.id, name: 'ward' } })).toBeUndefined();
    expect(await codeOf(karim, 'removePatient', removeRosa)).toBeUndefined();
    expect(await codeOf(karim, 'removePatient', { input: { userId: pat.userId, groupId: groupA } })).toBe('FORBIDDEN');

    await admin.run(operations.addPatient, removeRosa);
    await admin.run(operations.removePermissions, { input: { roleIds, permissions: ['REMOVE_PATIENT'] } });
    expect(await codeOf(karim, 'removePatient', removeRosa)).toBe('FORBIDDEN');
    expect(await codeOf(karim, 'removeRolesFromStaff', { input: { ...karimIn, roleIds } })).toBeUndefined();
    expect(await codeOf(karim, 'updateRole', { input: { roleId: role.id, name: 'x' } })).toBe('FORBIDDEN');

    await admin.run(operations.addRolesToStaff, { input: { ...karimIn, roleIds } });
    expect(await codeOf(karim, 'updateRole', { input: { roleId: role.id, name: 'again' } })).toBeUndefined();
    await admin.run(operations.deleteRoles, { input: { roleIds } });
    expect(await codeOf(karim, 'updateRole', { input: { roleId: role.id, name: 'x' } })).toBe('NOT_FOUND');
    expect((await rosa.run('{ me { patientEnlistments { expired } } }')).me.patientEnlistments).toHaveLength(1);
  });

  test('of the whole clinic show patients and staff as long as they are held', async () => {
    const { admin, jane, pat, quinn, groupA, groupB } = world.clinic;
    const { role } = (await admin.run(operations.createRole, { input: { name: 'registry' } })).createRole;
    const roleIds = [role.id];
    await admin.run(operations.addPermissions, { input: { roleIds, permissions: ['VIEW_PATIENTS'] } });

    const { patients } = await jane.run(operations.patients, {});
    // They were created at the same time.
    expect(patients.nodes.map(({ firstName }: never) => firstName).sort()).toEqual(['Pat', 'Quinn']);
    expect((await jane.run(operations.patients, { groupId: groupB })).patients.totalCount).toBe(0);
    expect(await codeOf(quinn, 'patients', {})).toBe('FORBIDDEN');
    expect(await codeOf(quinn, 'staff', { groupId: groupA })).toBe('FORBIDDEN');
    expect(await codeOf(pat, 'removeRoles', { input: { userIds: [quinn.userId], roleIds } })).toBe('FORBIDDEN');

    await admin.run(operations.addRoles, { input: { userIds: [quinn.userId], roleIds } });
    expect((await quinn.run(operations.patients, { groupId: groupB })).patients).toEqual({
      totalCount: 1,
      nodes: [{ firstName: 'Rosa' }],
    });
    expect(await codeOf(quinn, 'staff', {})).toBe('FORBIDDEN');
    await admin.run(operations.removeRoles, { input: { userIds: [quinn.userId], roleIds } });
    expect(await codeOf(quinn, 'patients', { groupId: groupB })).toBe('FORBIDDEN');
  });

  test('that the platform keeps itself cannot be deleted or lose permissions', async () => {
    const { admin } = world.clinic;
    const held = (await admin.run('{ me { roles { id permissions } } }')).me.roles[0];
    const roleIds = [held.id];
    expect(await codeOf(admin, 'deleteRoles', { input: { roleIds } })).toBe('ILLEGAL_STATE');
    expect(await codeOf(admin, 'removePermissions', { input: { roleIds, permissions: ['VIEW_USER'] } })).toBe(
      'ILLEGAL_STATE',
    );
    expect((await admin.run('{ me { roles { id permissions } } }')).me.roles).toEqual([held]);
    const { permissions } = await admin.run('{ permissions { name } }');
    expect(permissions.map(({ name }: { name: string }) => name)).toEqual(held.permissions);
  });
});
