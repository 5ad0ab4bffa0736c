// Gives roles of a group to people who are staff of it already, all or nothing.
import { notFound } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { requireId } from '../../../platform/ids.ts';
import { lockGroups } from '../group-store.ts';
import { requireFound, requireSomeIds } from '../known-ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import { lockRolesToGive } from '../roles/store.ts';
import { lockUsers, type UsersDatabase, type UsersTransaction } from '../store.ts';
import { requireInEachGroup } from './require-in-each-group.ts';
import { insertStaffRoles, lockStaff } from './store.ts';
import { tellOfStaffRoles } from './tell-of-staff-roles.ts';

export interface RolesOfStaffInput {
  readonly groupId: string;
  readonly userIds: readonly string[];
  readonly roleIds: readonly string[];
}

/** The ids of the users. Roles that somebody holds already are skipped. FORBIDDEN comes before anything is said of the group. */
export async function addRolesToStaff(
  database: UsersDatabase,
  identity: Identity,
  given: RolesOfStaffInput,
): Promise<string[]> {
  const { groupId, userIds, roleIds } = requireRolesOfStaff(given);
  requireInEachGroup(identity, 'ADD_GROUP_ROLE_TO_STAFF', [groupId]);
  await database.write(async (tx) => {
    await requireRolesAndStaff(tx, groupId, given);
    await changingRights(tx, { userIds, groupIds: [groupId] }, async () => {
      tellOfStaffRoles(tx, 'staff_roles_added', await insertStaffRoles(tx.db, userIds, roleIds));
    });
  });
  return userIds;
}

/** The input with distinct ids in lower case. */
export function requireRolesOfStaff({ groupId, userIds, roleIds }: RolesOfStaffInput): RolesOfStaffInput & {
  readonly userIds: string[];
} {
  return {
    groupId: requireId(groupId, 'input.groupId'),
    userIds: requireSomeIds(userIds, 'input.userIds'),
    roleIds: requireSomeIds(roleIds, 'input.roleIds'),
  };
}

/** Locks all. A role that is global or of another group is not found, like one that is not there; so is who is no staff. */
export async function requireRolesAndStaff(
  tx: UsersTransaction,
  groupId: string,
  given: RolesOfStaffInput,
): Promise<void> {
  if (!(await lockGroups(tx.db, [groupId])).has(groupId)) throw notFound('Group', 'input.groupId');
  const roles = await lockRolesToGive(tx.db, given.roleIds);
  const own = new Set(roles.filter((role) => role.groupId === groupId).map(({ id }) => id));
  requireFound(given.roleIds, own, { what: 'Role of this group', field: 'input.roleIds' });
  await lockUsers(tx.db, given.userIds);
  const staff = await lockStaff(tx.db, groupId, given.userIds);
  requireFound(given.userIds, staff, { what: 'Staff of this group', field: 'input.userIds' });
}
