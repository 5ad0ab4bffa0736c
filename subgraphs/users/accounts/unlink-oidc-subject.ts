// Undoes the link of an account to an OpenID Connect provider, and sends the mail with which its user sets a password.
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { readSettings, type UserSettings } from '../settings/user-settings.ts';
import type { UsersDatabase } from '../store.ts';
import { deleteLink } from './link-store.ts';
import { openRequest } from './open-request.ts';
import { endCredentials, lockAccount } from './store.ts';
import { isSent, mailKind, mailSwitchedOff, pinCodesEnabled, type VerificationMode } from './verification-rules.ts';

/**
 * Whether there was a link. ILLEGAL_STATE when the settings let no mail be sent: without it the account would have no way
 * in. `now` is in epoch milliseconds.
 */
export async function unlinkOidcSubject(database: UsersDatabase, given: string, now: number): Promise<boolean> {
  const userId = requireId(given, 'userId');
  const settings = await readSettings(database.db);
  const [purpose, occasion] = ['password_reset', 'OIDC_UNLINK'] as const;
  return database.write(async (tx) => {
    if ((await lockAccount(tx.db, { id: userId })) === null) throw notFound('User', 'userId');
    const providerId = await deleteLink(tx.db, userId);
    if (providerId === null) return false;
    const mode = modeFor(settings);
    if (mode === undefined) throw mailSwitchedOff();
    await endCredentials(tx.db, userId);
    await openRequest(tx, { userId, purpose, occasion, mode, settings, now });
    tx.publish({ type: 'user_oidc_unlinked', content: { userId, providerId } });
    tx.bumpAccess([userId]);
    return true;
  });
}

function modeFor(settings: UserSettings): VerificationMode | undefined {
  const modes: VerificationMode[] = pinCodesEnabled(settings, 'password_reset') ? ['HASH', 'PIN_CODE'] : ['HASH'];
  return modes.find((mode) => isSent(settings, mailKind('OIDC_UNLINK', mode)));
}
