// Tells of roles that staff were given or lost: one event for each enlistment.
import type { UsersTransaction } from '../store.ts';
import type { HeldByStaff } from './store.ts';

export function tellOfStaffRoles(
  tx: UsersTransaction,
  type: 'staff_roles_added' | 'staff_roles_removed',
  changes: readonly HeldByStaff[],
): void {
  const enlistments = new Map(changes.map(({ userId, groupId }) => [`${userId} ${groupId}`, { userId, groupId }]));
  for (const { userId, groupId } of enlistments.values()) {
    const roleIds = changes
      .filter((change) => change.userId === userId && change.groupId === groupId)
      .map(({ roleId }) => roleId);
    tx.publish({ type, content: { userId, groupId, roleIds } });
    tx.bumpAccess([userId]);
  }
}
