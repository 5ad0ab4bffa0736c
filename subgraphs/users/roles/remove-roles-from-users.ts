// Takes global roles from users. Roles of groups are taken from staff (enlistments/remove-roles-from-staff.ts).
import { requireSomeIds } from '../known-ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import type { UsersDatabase } from '../store.ts';
import { type RolesOfUsersInput, requireGlobalRolesAndUsers, tellOfUserRoles } from './add-roles-to-users.ts';
import { deleteUserRoles } from './store.ts';

/** The ids of the users. Roles that a user does not hold are skipped. */
export async function removeRolesFromUsers(database: UsersDatabase, input: RolesOfUsersInput): Promise<string[]> {
  const userIds = requireSomeIds(input.userIds, 'input.userIds');
  const roleIds = requireSomeIds(input.roleIds, 'input.roleIds');
  await database.write(async (tx) => {
    await requireGlobalRolesAndUsers(tx, input);
    await changingRights(tx, { userIds, groupIds: [] }, async () => {
      tellOfUserRoles(tx, 'user_roles_removed', await deleteUserRoles(tx.db, userIds, roleIds));
    });
  });
  return userIds;
}
