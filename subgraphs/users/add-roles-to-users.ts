// Gives global roles to users. Roles of groups are given to staff (add-staff.ts).
import { requireFound, requireSomeIds } from './known-ids.ts';
import type { UsersDatabase } from './store.ts';
import { insertUserRoles, lockRolesToGive, lockUsers } from './store.ts';

export interface AddRolesToUsersInput {
  readonly userIds: readonly string[];
  readonly roleIds: readonly string[];
}

/** The ids of the users. Roles that a user holds already are skipped. */
export async function addRolesToUsers(database: UsersDatabase, input: AddRolesToUsersInput): Promise<string[]> {
  const userIds = requireSomeIds(input.userIds, 'input.userIds');
  const roleIds = requireSomeIds(input.roleIds, 'input.roleIds');
  await database.write(async (tx) => {
    const roles = await lockRolesToGive(tx.db, roleIds);
    const globalIds = new Set(roles.filter(({ groupId }) => groupId === null).map(({ id }) => id));
    requireFound(input.roleIds, globalIds, { what: 'Global role', field: 'input.roleIds' });
    requireFound(input.userIds, await lockUsers(tx.db, userIds), { what: 'User', field: 'input.userIds' });
    const given = await insertUserRoles(tx.db, userIds, roleIds);
    for (const userId of userIds) {
      const added = given.filter((gift) => gift.userId === userId).map(({ roleId }) => roleId);
      if (added.length === 0) continue;
      tx.publish({ type: 'user_roles_added', content: { userId, roleIds: added } });
      tx.bumpAccess([userId]);
    }
  });
  return userIds;
}
