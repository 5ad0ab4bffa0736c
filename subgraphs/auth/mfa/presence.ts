// Presence: proof that a user has just entered the password, for what changes how that user signs in.
import { AppError } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts } from '../auth-parts.ts';
import { newToken } from '../tokens.ts';
import { findPresence, insertPresence } from './token-store.ts';

export interface Presence {
  readonly presenceToken: string;
  readonly expiresAt: Date;
}

/** Generous, so that no password that was ever allowed is refused. */
const limits = { least: 1, most: 1_000 };

/** INVALID_CREDENTIALS for a wrong password, which counts as a failed sign-in does. `now` is in epoch milliseconds. */
export async function confirmPresence(
  { users, database, config }: AuthParts,
  { userId, password, now }: { readonly userId: string; readonly password: string; readonly now: number },
): Promise<Presence> {
  const authentication = await users.verifyPassword(userId, requireText(password, 'input.password', limits));
  if (authentication === null) throw new AppError('INVALID_CREDENTIALS', 'The password is wrong.', { code: 106 });
  const presenceToken = newToken();
  const expiresAt = new Date(now + config.presenceTokenSeconds * 1_000);
  await insertPresence(database.db, presenceToken, { ...authentication, expiresAt });
  return { presenceToken, expiresAt };
}

export interface PresenceClaim {
  /** Who must have proven to be there: the caller. */
  readonly userId: string;
  readonly presenceToken: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** INVALID_PRESENCE_TOKEN unless it is this user's, has not expired, and the user's credentials are still the same. */
export async function requirePresence(
  { users, database }: AuthParts,
  { userId, presenceToken, now }: PresenceClaim,
): Promise<void> {
  const presence = await findPresence(database.db, presenceToken);
  const isGood =
    presence !== null &&
    presence.userId === userId &&
    presence.expiresAt.getTime() > now &&
    presence.credentialVersion === (await users.findCredentialVersion(userId));
  if (!isGood) throw new AppError('INVALID_PRESENCE_TOKEN', undefined, { code: 132 });
}
