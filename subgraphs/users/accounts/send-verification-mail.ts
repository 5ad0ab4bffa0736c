// Writes and sends the mail of a request. The secret is made here and its digest committed before the mail leaves, so
// that whoever reads the mail can use it at once.
import type { JsonObject } from '../../../platform/events/event.ts';
import { newId } from '../../../platform/ids.ts';
import { composeMail, type MailOrder } from '../mail/compose-mail.ts';
import { readSettings } from '../settings/user-settings.ts';
import type { UsersParts } from '../users-parts.ts';
import type { VerificationMailOrder } from './open-request.ts';
import { findRequestById, updateSecret } from './request-store.ts';
import { digestHash, digestPinCode, newSecret } from './secrets.ts';
import { lockAccount } from './store.ts';
import { isSent, lifetimes } from './verification-rules.ts';

type MailParts = Pick<UsersParts, 'database' | 'clock' | 'mailer' | 'hmacKey'>;

/**
 * Does nothing when the request was renewed or closed meanwhile. Each attempt makes a new secret, and so a new mail: one
 * that went out before, though it seemed to fail, is worth nothing, and must not pass for this one.
 */
export async function sendVerificationMail(parts: MailParts, data: JsonObject): Promise<void> {
  const order = data as unknown as VerificationMailOrder;
  const settings = await readSettings(parts.database.db);
  if (!isSent(settings, order.kind)) return;
  const letter = await makeSecret(parts, order);
  if (letter === null) return;
  const content = composeMail({ ...letter, kind: order.kind }, settings.mail);
  await parts.mailer.send({ id: newId(), to: letter.to, ...content });
}

type Letter = Omit<MailOrder, 'kind'> & { readonly to: string };

/** Null when there is nothing to send. */
function makeSecret({ database, clock, hmacKey }: MailParts, order: VerificationMailOrder): Promise<Letter | null> {
  return database.write(async (tx) => {
    const found = await findRequestById(tx.db, order.requestId);
    const account = found && (await lockAccount(tx.db, { id: found.userId }));
    // Again, now that nobody can change it.
    const request = account && (await findRequestById(tx.db, order.requestId));
    if (!account || request?.requestCount !== order.initiation) return null;
    const { id, mode } = request;
    const now = clock();
    // The time runs from the first attempt: a mail server that is away does not make a request live longer.
    const expiresAt = request.secretHash === null ? now + lifetimes[mode] : request.expiresAt.getTime();
    const minutes = Math.floor((expiresAt - now) / 60_000);
    if (minutes < 1) return null;
    const secret = newSecret(mode);
    const secretHash = mode === 'HASH' ? digestHash(secret) : digestPinCode(hmacKey, id, secret);
    await updateSecret(tx.db, id, { secretHash, expiresAt: new Date(expiresAt) });
    const { email: to, firstName, lastName, language } = account;
    return { to, firstName, lastName, language, secret, minutes };
  });
}
