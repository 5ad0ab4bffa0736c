// Changes details of an account, and tells which: what is the same already is no change.
import { accountNotFound } from './require-account.ts';
import type { UserDetails, UsersDatabase } from './store.ts';
import { changeUserDetails, lockUserDetails } from './store.ts';

/** NOT_FOUND when there is no such user. `changes` holds what is given; it was checked. */
export async function changeDetails(
  database: UsersDatabase,
  userId: string,
  changes: Partial<UserDetails>,
): Promise<void> {
  await database.write(async (tx) => {
    const known = await lockUserDetails(tx.db, userId);
    if (known === null) throw accountNotFound();
    const names = Object.keys(changes) as (keyof UserDetails)[];
    const fields = names.filter((name) => changes[name] !== known[name]);
    if (fields.length === 0) return;
    await changeUserDetails(tx.db, userId, changes);
    tx.publish({ type: 'user_updated', content: { userId, fields } });
  });
}
