// Makes users staff of groups and gives them roles of these groups, all or nothing.
import { holdsEverywhere, holdsIn } from '../../../platform/access/scope.ts';
import { forbidden, invalidInput } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { requireIds } from '../../../platform/ids.ts';
import { lockGroups } from '../group-store.ts';
import { requireFound, requireSomeIds } from '../known-ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import { lockRolesToGive } from '../roles/store.ts';
import { lockUsers, type UsersDatabase, type UsersTransaction } from '../store.ts';
import { requireInEachGroup } from './require-in-each-group.ts';
import { type EnlistmentKey, type HeldByStaff, insertStaff, insertStaffRoles } from './store.ts';

export interface AddStaffInput {
  readonly userIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly roleIds?: readonly string[];
}

/**
 * The ids of the users. Who is staff already stays so, and gets the roles. FORBIDDEN comes before anything is said of
 * the groups; users need not be visible, so that new colleagues can be enlisted.
 */
export async function addStaff(database: UsersDatabase, identity: Identity, input: AddStaffInput): Promise<string[]> {
  const given = input.roleIds ?? [];
  const userIds = requireSomeIds(input.userIds, 'input.userIds');
  const groupIds = requireSomeIds(input.groupIds, 'input.groupIds');
  const roleIds = requireIds(given, 'input.roleIds');
  requireInEachGroup(identity, 'ADD_STAFF', groupIds);
  if (roleIds.length > 0 && !groupIds.some((groupId) => holdsIn(identity, groupId, 'ADD_GROUP_ROLE_TO_STAFF'))) {
    throw forbidden('ADD_GROUP_ROLE_TO_STAFF', 'everywhere or in the groups of the roles');
  }
  await database.write(async (tx) => {
    requireFound(input.groupIds, await lockGroups(tx.db, groupIds), { what: 'Group', field: 'input.groupIds' });
    await requireRoles(tx, { identity, groupIds, given });
    requireFound(input.userIds, await lockUsers(tx.db, userIds), { what: 'User', field: 'input.userIds' });
    await changingRights(tx, { userIds, groupIds }, async () => {
      const enlisted = await insertStaff(tx.db, userIds, groupIds);
      const roles = roleIds.length === 0 ? [] : await insertStaffRoles(tx.db, userIds, roleIds);
      tell(tx, enlisted, roles);
    });
  });
  return userIds;
}

interface RoleGift {
  readonly identity: Identity;
  readonly groupIds: readonly string[];
  readonly given: readonly string[];
}

/** Whoever may not give roles in a group, nor see that group's roles, learns no more of them than of any other id. */
async function requireRoles(tx: UsersTransaction, { identity, groupIds, given }: RoleGift): Promise<void> {
  if (given.length === 0) return;
  const ids = given.map((id) => id.toLowerCase());
  const roles = new Map((await lockRolesToGive(tx.db, ids)).map((role) => [role.id, role]));
  ids.forEach((id, index) => {
    const groupId = roles.get(id)?.groupId ?? undefined;
    const inGroups = groupId !== undefined && groupIds.includes(groupId);
    if (inGroups && holdsIn(identity, groupId, 'ADD_GROUP_ROLE_TO_STAFF')) return;
    if (inGroups && (identity.staff.has(groupId) || holdsEverywhere(identity, 'VIEW_GROUP'))) {
      throw forbidden('ADD_GROUP_ROLE_TO_STAFF', 'everywhere or in the group of each role');
    }
    throw invalidInput(`input.roleIds.${index}`, 'this is no role of the groups given.');
  });
}

/** One event for each enlistment that was new or got roles. */
function tell(tx: UsersTransaction, enlisted: readonly EnlistmentKey[], given: readonly HeldByStaff[]): void {
  const name = ({ userId, groupId }: EnlistmentKey) => `${userId} ${groupId}`;
  const changes = new Map(
    enlisted.map((key) => [name(key), { type: 'staff_enlistment_added', key, roleIds: [] as string[] }]),
  );
  for (const { roleId, ...key } of given) {
    const change = changes.get(name(key)) ?? { type: 'staff_roles_added', key, roleIds: [] };
    change.roleIds.push(roleId);
    changes.set(name(key), change);
  }
  for (const { type, key, roleIds } of changes.values()) {
    tx.publish({ type, content: { userId: key.userId, groupId: key.groupId, roleIds } });
    tx.bumpAccess([key.userId]);
  }
}
