// Deletes roles. Whoever held one of them lacks it from the next request on.
import { requireFound, requireSomeIds } from '../known-ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import type { UsersDatabase } from '../store.ts';
import type { Viewer } from '../visible.ts';
import { inRoleIds, requireRoleRight } from './require-role-right.ts';
import { findHolders, groupsOfRoles, lockRolesToChange, removeRoles } from './store.ts';
import { refuseSystemRoles } from './system-role.ts';

const right = { global: 'DELETE_ROLE', group: 'DELETE_GROUP_ROLE' } as const;

/** The ids that the roles had. All of them go, or none. */
export async function deleteRoles(
  database: UsersDatabase,
  viewer: Viewer,
  input: { readonly roleIds: readonly string[] },
): Promise<string[]> {
  const roleIds = requireSomeIds(input.roleIds, 'input.roleIds');
  await requireRoleRight(database, viewer, { ids: input.roleIds, fieldOf: inRoleIds, right });
  await database.write(async (tx) => {
    const roles = await lockRolesToChange(tx.db, roleIds);
    requireFound(input.roleIds, new Set(roles.map(({ id }) => id)), { what: 'Role', field: 'input.roleIds' });
    refuseSystemRoles(input.roleIds, roles, 'be deleted');
    const userIds = await findHolders(tx.db, roleIds);
    const permissions = [...new Set(roles.flatMap((role) => role.permissions))];
    await changingRights(tx, { userIds, groupIds: groupsOfRoles(roles), permissions }, async () => {
      await removeRoles(tx.db, roleIds);
      for (const { id, groupId } of roles) tx.publish({ type: 'role_deleted', content: { roleId: id, groupId } });
    });
    tx.bumpAccess(userIds);
  });
  return roleIds;
}
