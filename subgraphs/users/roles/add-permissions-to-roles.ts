// Adds permissions to roles. Whoever holds one of the roles has them from the next request on.
import { requireFound, requireSomeIds } from '../known-ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import type { UsersDatabase, UsersTransaction } from '../store.ts';
import type { Viewer } from '../visible.ts';
import { requirePermissionNames } from './permission-names.ts';
import { inRoleIds, requireRoleRight } from './require-role-right.ts';
import { addPermissions, findHolders, groupsOfRoles, lockRolesToChange } from './store.ts';

export interface RolePermissionsInput {
  readonly roleIds: readonly string[];
  readonly permissions: readonly string[];
}

const right = { global: 'ADD_ROLE_PERMISSION', group: 'ADD_GROUP_ROLE_PERMISSION' } as const;

/** The ids of the roles. All of them change, or none. */
export async function addPermissionsToRoles(
  database: UsersDatabase,
  viewer: Viewer,
  input: RolePermissionsInput,
): Promise<string[]> {
  const roleIds = requireSomeIds(input.roleIds, 'input.roleIds');
  const permissions = requirePermissionNames(input.permissions);
  await requireRoleRight(database, viewer, { ids: input.roleIds, fieldOf: inRoleIds, right });
  await database.write(async (tx) => {
    const found = await addMissingPermissions(tx, roleIds, permissions);
    requireFound(input.roleIds, found, { what: 'Role', field: 'input.roleIds' });
  });
  return roleIds;
}

/** Adds to each role what it lacks, and tells; the ids of the roles that there are. */
export async function addMissingPermissions(
  tx: UsersTransaction,
  roleIds: readonly string[],
  permissions: readonly string[],
): Promise<Set<string>> {
  const roles = await lockRolesToChange(tx.db, roleIds);
  const lacking = roles
    .map((role) => ({ id: role.id, missing: permissions.filter((name) => !role.permissions.includes(name)) }))
    .filter(({ missing }) => missing.length > 0);
  if (lacking.length > 0) {
    const changed = lacking.map(({ id }) => id);
    const userIds = await findHolders(tx.db, changed);
    await changingRights(tx, { userIds, groupIds: groupsOfRoles(roles), permissions }, async () => {
      await addPermissions(tx.db, changed, permissions);
      for (const { id, missing } of lacking) {
        tx.publish({ type: 'role_permissions_added', content: { roleId: id, permissions: missing } });
      }
    });
    tx.bumpAccess(userIds);
  }
  return new Set(roles.map(({ id }) => id));
}
