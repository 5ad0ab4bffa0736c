// Replaces the address of an account. It counts at once, and has to be confirmed again.
import { requireEmail } from '../account-input.ts';
import { accountNotFound, requireAccount } from '../require-account.ts';
import { readSettings } from '../settings/user-settings.ts';
import type { UsersDatabase } from '../store.ts';
import type { Viewer } from '../visible.ts';
import { addressTaken } from './create-account.ts';
import { openActivation } from './open-activation.ts';
import { deleteRequest } from './request-store.ts';
import { isDuplicate, lockAccount, updateAddress } from './store.ts';
import { type ActivationMode, requireMode } from './verification-rules.ts';

export interface UpdateEmailInput {
  readonly userId: string;
  readonly email: string;
  readonly activationMode: ActivationMode;
}

/**
 * The id of the user. FORBIDDEN or NOT_FOUND for somebody else (require-account.ts), PIN_CODES_NOT_ENABLED, ALREADY_EXISTS when another
 * account has the address. The address that the account has already changes nothing: there is nothing to confirm.
 */
export async function updateEmail(database: UsersDatabase, viewer: Viewer, input: UpdateEmailInput): Promise<string> {
  const email = requireEmail(input.email, 'input.email');
  const userId = await requireAccount(database, viewer, { userId: input.userId, permission: 'UPDATE_USER_EMAIL' });
  const settings = await readSettings(database.db);
  const { activationMode: mode } = input;
  requireMode(settings, 'activation', { mode, field: 'input.activationMode' });
  const change = database.write(async (tx) => {
    const account = await lockAccount(tx.db, { id: userId });
    if (account === null) throw accountNotFound();
    if (account.email === email) return;
    await updateAddress(tx.db, userId, email);
    // Who reads the old mailbox must not set the password of an account that has left it.
    await deleteRequest(tx.db, userId, 'password_reset');
    await openActivation(tx, { userId, occasion: 'REACTIVATION', mode, settings, now: viewer.now });
    tx.publish({ type: 'user_email_changed', content: { userId } });
  });
  await change.catch((error: unknown) => {
    throw isDuplicate(error) ? addressTaken() : error;
  });
  return userId;
}
