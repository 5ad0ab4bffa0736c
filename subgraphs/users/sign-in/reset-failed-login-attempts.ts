// Lets a user who is locked out by failed sign-ins try again.
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { UsersDatabase } from '../store.ts';
import { clearFailures, lockAccount } from './store.ts';

/** The user's id; NOT_FOUND when there is no such user. Nothing changes, and nothing is told, where nothing had failed. */
export async function resetFailedLoginAttempts(
  database: UsersDatabase,
  input: { readonly userId: string },
): Promise<string> {
  const userId = requireId(input.userId, 'input.userId');
  await database.write(async (tx) => {
    const account = await lockAccount(tx.db, userId);
    if (account === null) throw notFound('User', 'input.userId');
    if (account.failedCount === 0) return;
    await clearFailures(tx.db, userId);
    tx.publish({ type: 'user_failed_login_attempts_reset', content: { userId } });
  });
  return userId;
}
