// Ends staff enlistments, with the roles held in them, all or nothing.

import { holdsIn } from '../../../platform/access/scope.ts';
import { AppError } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { lockGroups } from '../group-store.ts';
import { requireFound, requireSomeIds } from '../known-ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import { lockUsers, type UsersDatabase } from '../store.ts';
import { requireInEachGroup } from './require-in-each-group.ts';
import { deleteStaff } from './store.ts';

export interface RemoveStaffInput {
  readonly userIds: readonly string[];
  readonly groupIds: readonly string[];
}

/** The ids of the users. Who is no staff of a group is skipped there. */
export async function removeStaff(
  database: UsersDatabase,
  identity: Identity,
  input: RemoveStaffInput,
): Promise<string[]> {
  const userIds = requireSomeIds(input.userIds, 'input.userIds');
  const groupIds = requireSomeIds(input.groupIds, 'input.groupIds');
  requireInEachGroup(identity, 'REMOVE_STAFF', groupIds);
  if (identity.userId !== undefined && userIds.includes(identity.userId)) requireWayBack(identity, groupIds);
  await database.write(async (tx) => {
    requireFound(input.groupIds, await lockGroups(tx.db, groupIds), { what: 'Group', field: 'input.groupIds' });
    requireFound(input.userIds, await lockUsers(tx.db, userIds), { what: 'User', field: 'input.userIds' });
    await changingRights(tx, { userIds, groupIds }, async () => {
      for (const { userId, groupId } of await deleteStaff(tx.db, userIds, groupIds)) {
        tx.publish({ type: 'staff_enlistment_removed', content: { userId, groupId } });
        tx.bumpAccess([userId]);
      }
    });
  });
  return userIds;
}

/** Nobody shuts themself out of a group by mistake: who could not come back by themself is removed by others. */
function requireWayBack(identity: Identity, groupIds: readonly string[]): void {
  if (groupIds.every((groupId) => holdsIn(identity, groupId, 'ADD_STAFF'))) return;
  throw new AppError('FORBIDDEN', 'You cannot end your own staff enlistment without the permission ADD_STAFF there.', {
    code: 10,
    permission: 'ADD_STAFF',
  });
}
