// Sends the mail that asks to confirm an address once more.
import { AppError } from '../../../platform/errors.ts';
import { requireEmail } from '../account-input.ts';
import { readSettings } from '../settings/user-settings.ts';
import type { UsersDatabase } from '../store.ts';
import { emailUnknown } from './email-available.ts';
import { renewRequest } from './open-request.ts';
import { lockAccount } from './store.ts';
import { mailKind, requireMode, requireSent, type VerificationMode } from './verification-rules.ts';

export interface RequestMailInput {
  readonly email: string;
  readonly mode: VerificationMode;
}

/**
 * When what the mail holds expires. PIN_CODES_NOT_ENABLED, EMAIL_UNKNOWN, ALREADY_ACTIVATED, ILLEGAL_STATE when the mail
 * is switched off, REQUEST_TOO_SOON and REQUEST_LIMIT_REACHED. `now` is in epoch milliseconds.
 */
export async function requestActivation(database: UsersDatabase, input: RequestMailInput, now: number): Promise<Date> {
  const email = requireEmail(input.email, 'input.email');
  const { mode } = input;
  const settings = await readSettings(database.db);
  const [purpose, occasion] = ['activation', 'ACTIVATION'] as const;
  requireMode(settings, purpose, { mode, field: 'input.mode' });
  return database.write(async (tx) => {
    const account = await lockAccount(tx.db, { email });
    if (account === null) throw emailUnknown();
    if (account.activation) throw new AppError('ALREADY_ACTIVATED', undefined, { field: 'input.email', code: 206 });
    requireSent(settings, mailKind(occasion, mode));
    tx.publish({ type: 'activation_requested', content: { userId: account.id } });
    return renewRequest(tx, { userId: account.id, purpose, occasion, mode, settings, now });
  });
}
