// Takes permissions from roles. Whoever holds one of the roles lacks them from the next request on.
import { requireFound, requireSomeIds } from '../known-ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import type { UsersDatabase } from '../store.ts';
import type { Viewer } from '../visible.ts';
import type { RolePermissionsInput } from './add-permissions-to-roles.ts';
import { requirePermissionNames } from './permission-names.ts';
import { inRoleIds, requireRoleRight } from './require-role-right.ts';
import { findHolders, groupsOfRoles, lockRolesToChange, takePermissions } from './store.ts';
import { refuseSystemRoles } from './system-role.ts';

const right = { global: 'REMOVE_ROLE_PERMISSION', group: 'REMOVE_GROUP_ROLE_PERMISSION' } as const;

/** The ids of the roles. All of them change, or none; what a role does not hold is skipped. */
export async function removePermissionsFromRoles(
  database: UsersDatabase,
  viewer: Viewer,
  input: RolePermissionsInput,
): Promise<string[]> {
  const roleIds = requireSomeIds(input.roleIds, 'input.roleIds');
  const permissions = requirePermissionNames(input.permissions);
  await requireRoleRight(database, viewer, { ids: input.roleIds, fieldOf: inRoleIds, right });
  await database.write(async (tx) => {
    const roles = await lockRolesToChange(tx.db, roleIds);
    requireFound(input.roleIds, new Set(roles.map(({ id }) => id)), { what: 'Role', field: 'input.roleIds' });
    refuseSystemRoles(input.roleIds, roles, 'lose permissions');
    const changed = roles
      .map((role) => ({ roleId: role.id, permissions: permissions.filter((name) => role.permissions.includes(name)) }))
      .filter((change) => change.permissions.length > 0);
    if (changed.length === 0) return;
    const changedIds = changed.map(({ roleId }) => roleId);
    const userIds = await findHolders(tx.db, changedIds);
    await changingRights(tx, { userIds, groupIds: groupsOfRoles(roles), permissions }, async () => {
      await takePermissions(tx.db, changedIds, permissions);
      for (const content of changed) tx.publish({ type: 'role_permissions_removed', content });
    });
    tx.bumpAccess(userIds);
  });
  return roleIds;
}
