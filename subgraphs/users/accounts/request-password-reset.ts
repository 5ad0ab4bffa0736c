// Sends a mail that lets its reader set a new password.
import { AppError } from '../../../platform/errors.ts';
import { requireEmail } from '../account-input.ts';
import { readSettings } from '../settings/user-settings.ts';
import type { UsersDatabase } from '../store.ts';
import { emailUnknown } from './email-available.ts';
import { isLinked } from './link-store.ts';
import { renewRequest } from './open-request.ts';
import { disabledForLinked } from './proof.ts';
import type { RequestMailInput } from './request-activation.ts';
import { lockAccount } from './store.ts';
import { mailKind, requireMode, requireSent } from './verification-rules.ts';

/**
 * When what the mail holds expires. PIN_CODES_NOT_ENABLED, EMAIL_UNKNOWN, DISABLED_FOR_OIDC_USERS, NOT_ACTIVATED,
 * ILLEGAL_STATE when the mail is switched off, REQUEST_TOO_SOON and REQUEST_LIMIT_REACHED. `now` is in epoch milliseconds.
 */
export async function requestPasswordReset(
  database: UsersDatabase,
  input: RequestMailInput,
  now: number,
): Promise<Date> {
  const email = requireEmail(input.email, 'input.email');
  const { mode } = input;
  const settings = await readSettings(database.db);
  const [purpose, occasion] = ['password_reset', 'PASSWORD_RESET'] as const;
  requireMode(settings, purpose, { mode, field: 'input.mode' });
  return database.write(async (tx) => {
    const account = await lockAccount(tx.db, { email });
    if (account === null) throw emailUnknown();
    if (await isLinked(tx.db, account.id)) throw disabledForLinked();
    if (!account.activation) throw new AppError('NOT_ACTIVATED', undefined, { field: 'input.email', code: 204 });
    requireSent(settings, mailKind(occasion, mode));
    tx.publish({ type: 'password_reset_requested', content: { userId: account.id } });
    return renewRequest(tx, { userId: account.id, purpose, occasion, mode, settings, now });
  });
}
