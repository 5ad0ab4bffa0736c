// Takes roles of a group from its staff, all or nothing. They stay staff.
import type { Identity } from '../../../platform/identity/identity.ts';
import { changingRights } from '../rights/changing-rights.ts';
import type { UsersDatabase } from '../store.ts';
import { type RolesOfStaffInput, requireRolesAndStaff, requireRolesOfStaff } from './add-roles-to-staff.ts';
import { requireInEachGroup } from './require-in-each-group.ts';
import { deleteStaffRoles } from './store.ts';
import { tellOfStaffRoles } from './tell-of-staff-roles.ts';

/** The ids of the users. Roles that somebody does not hold are skipped. FORBIDDEN comes before anything is said of the group. */
export async function removeRolesFromStaff(
  database: UsersDatabase,
  identity: Identity,
  given: RolesOfStaffInput,
): Promise<string[]> {
  const { groupId, userIds, roleIds } = requireRolesOfStaff(given);
  requireInEachGroup(identity, 'REMOVE_GROUP_ROLE_FROM_STAFF', [groupId]);
  await database.write(async (tx) => {
    await requireRolesAndStaff(tx, groupId, given);
    await changingRights(tx, { userIds, groupIds: [groupId] }, async () => {
      tellOfStaffRoles(tx, 'staff_roles_removed', await deleteStaffRoles(tx.db, userIds, roleIds));
    });
  });
  return userIds;
}
