// Around every change of what users may do: compares their rights before and after, and tells what they gained and lost,
// in the transaction of the change.
import { rightsEvents } from '../../../platform/access/rights-change.ts';
import type { UsersTransaction } from '../store.ts';
import { lockUsers } from '../store.ts';
import { compareRights } from './compare-rights.ts';
import type { RightsScope } from './rights-store.ts';
import { findHeldRights } from './rights-store.ts';

/**
 * The users are locked first: of two changes at once that take the same right away by two roles, the later one must see
 * what the earlier one did. Lock roles before.
 */
export async function changingRights<T>(
  tx: UsersTransaction,
  scope: RightsScope,
  change: () => Promise<T>,
): Promise<T> {
  await lockUsers(tx.db, scope.userIds);
  const before = await findHeldRights(tx.db, scope);
  const value = await change();
  for (const { change: changed, userIds } of compareRights(before, await findHeldRights(tx.db, scope))) {
    for (const event of rightsEvents(changed, userIds)) tx.publish(event);
  }
  return value;
}
