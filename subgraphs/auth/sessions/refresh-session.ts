// Exchanges a refresh token for new tokens. Each is good once: a second use means that somebody has a copy, and since
// nobody can tell the thief from the owner, it ends the session for both.
import { AppError } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts } from '../auth-parts.ts';
import { apiLifetimes, newTokens } from '../tokens.ts';
import { endSession } from './end-session.ts';
import { noteUse } from './note-use.ts';
import type { SignedIn } from './start-session.ts';
import { findRefreshTokenOwner, lockRefreshToken, rotateTokens } from './store.ts';

const unknown = { says: 'The refresh token is unknown or was used already: sign in again.', code: 119 };
const expired = { says: 'The refresh token has expired: sign in again.', code: 120 };
type Refusal = typeof unknown;

/** REFRESH_TOKEN_INVALID for a token that is unknown, used, expired or an application's. `now` is in epoch milliseconds. */
export async function refreshSession(
  { database, users, config }: AuthParts,
  refreshToken: string,
  now: number,
): Promise<SignedIn> {
  const used = requireText(refreshToken, 'input.refreshToken', { least: 1, most: 1_000 });
  const tokens = newTokens(apiLifetimes(config), now);
  const current = await currentCredentials({ database, users }, used);
  const outcome = await database.write(async (tx): Promise<SignedIn | Refusal> => {
    const found = await lockRefreshToken(tx.db, used);
    // An application refreshes at the token endpoint, where it proves to be that application.
    if (found === null || found.endedAt !== null || found.applicationId !== null) return unknown;
    // Ended by a new password or the like, though nobody may have tidied the session away yet.
    if (current === null || found.credentialVersion < current) return unknown;
    if (found.expiresAt.getTime() <= now) return expired;
    const { sessionId, userId, versionId } = found;
    if (found.usedAt !== null) {
      // Not by an exception: the end of the session has to be committed.
      await endSession(tx, { id: sessionId, userId }, now);
      return unknown;
    }
    await rotateTokens(tx.db, { sessionId, versionId, usedId: found.id, tokens, now: new Date(now) });
    await noteUse(tx.db, { id: sessionId, lastUsedAt: found.lastUsedAt }, now);
    // The old access token is worth nothing any more, whoever may have cached it.
    tx.bumpAccess([userId]);
    return { userId, credentialVersion: found.credentialVersion, tokens };
  });
  if ('says' in outcome) throw new AppError('REFRESH_TOKEN_INVALID', outcome.says, { code: outcome.code });
  return outcome;
}

/** The credential version of the user whose refresh token this is; null when there is no such token, or user. */
export async function currentCredentials(
  { database, users }: Pick<AuthParts, 'database' | 'users'>,
  refreshToken: string,
): Promise<number | null> {
  const userId = await findRefreshTokenOwner(database.db, refreshToken);
  return userId === null ? null : users.findCredentialVersion(userId);
}
