// Undoes the link of an account to an OpenID Connect provider, and sends what its user needs to set a password.
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { readSettings, type UserSettings } from '../settings/user-settings.ts';
import type { UsersDatabase } from '../store.ts';
import { deleteLink } from './link-store.ts';
import { openRequest } from './open-request.ts';
import { endCredentials, lockAccount } from './store.ts';
import type { Occasion, Purpose, VerificationMode } from './verification-rules.ts';
import { isSent, mailKind, mailSwitchedOff, pinCodesEnabled } from './verification-rules.ts';

/**
 * Whether there was a link. ILLEGAL_STATE when the settings switch off a mail that the account needs: without it there
 * would be no way in. `now` is in epoch milliseconds.
 */
export async function unlinkOidcSubject(database: UsersDatabase, given: string, now: number): Promise<boolean> {
  const userId = requireId(given, 'userId');
  const settings = await readSettings(database.db);
  return database.write(async (tx) => {
    const account = await lockAccount(tx.db, { id: userId });
    if (account === null) throw notFound('User', 'userId');
    const providerId = await deleteLink(tx.db, userId);
    if (providerId === null) return false;
    await endCredentials(tx.db, userId);
    // A password can be set for a confirmed address only, and whoever signed in by a provider may never have confirmed it.
    const mails = account.activation ? [passwordMail] : [activationMail, passwordMail];
    for (const mail of mails) await openRequest(tx, { ...mail, mode: modeOf(mail, settings), userId, settings, now });
    tx.publish({ type: 'user_oidc_unlinked', content: { userId, providerId } });
    tx.bumpAccess([userId]);
    return true;
  });
}

interface Mail {
  readonly purpose: Purpose;
  readonly occasion: Occasion;
}

const passwordMail: Mail = { purpose: 'password_reset', occasion: 'OIDC_UNLINK' };
const activationMail: Mail = { purpose: 'activation', occasion: 'ACTIVATION' };

function modeOf({ purpose, occasion }: Mail, settings: UserSettings): VerificationMode {
  const modes: VerificationMode[] = pinCodesEnabled(settings, purpose) ? ['HASH', 'PIN_CODE'] : ['HASH'];
  const mode = modes.find((each) => isSent(settings, mailKind(occasion, each)));
  if (mode === undefined) throw mailSwitchedOff();
  return mode;
}
