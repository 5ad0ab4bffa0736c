// Gives global roles to users. Roles of groups are given to staff (enlistments/add-roles-to-staff.ts).
import { requireFound, requireSomeIds } from '../known-ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import { lockUsers, type UsersDatabase, type UsersTransaction } from '../store.ts';
import { type HeldByUser, insertUserRoles, lockRolesToGive } from './store.ts';

export interface RolesOfUsersInput {
  readonly userIds: readonly string[];
  readonly roleIds: readonly string[];
}

/** The ids of the users. Roles that a user holds already are skipped. */
export async function addRolesToUsers(database: UsersDatabase, input: RolesOfUsersInput): Promise<string[]> {
  const userIds = requireSomeIds(input.userIds, 'input.userIds');
  const roleIds = requireSomeIds(input.roleIds, 'input.roleIds');
  await database.write(async (tx) => {
    await requireGlobalRolesAndUsers(tx, input);
    await changingRights(tx, { userIds, groupIds: [] }, async () => {
      tellOfUserRoles(tx, 'user_roles_added', await insertUserRoles(tx.db, userIds, roleIds));
    });
  });
  return userIds;
}

/** Locks both. A role of a group is not found here, like one that is not there. */
export async function requireGlobalRolesAndUsers(tx: UsersTransaction, input: RolesOfUsersInput): Promise<void> {
  const roles = await lockRolesToGive(tx.db, input.roleIds);
  const globalIds = new Set(roles.filter(({ groupId }) => groupId === null).map(({ id }) => id));
  requireFound(input.roleIds, globalIds, { what: 'Global role', field: 'input.roleIds' });
  requireFound(input.userIds, await lockUsers(tx.db, input.userIds), { what: 'User', field: 'input.userIds' });
}

/** One event for each user whose roles changed. */
export function tellOfUserRoles(tx: UsersTransaction, type: string, changes: readonly HeldByUser[]): void {
  for (const userId of new Set(changes.map((change) => change.userId))) {
    const roleIds = changes.filter((change) => change.userId === userId).map(({ roleId }) => roleId);
    tx.publish({ type, content: { userId, roleIds } });
    tx.bumpAccess([userId]);
  }
}
