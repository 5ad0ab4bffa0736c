// Exchanges a refresh token for new tokens. Each is good once: a second use means that somebody has a copy, and since
// nobody can tell the thief from the owner, it ends the session for both.
import { AppError } from '../../platform/errors.ts';
import { requireText } from '../../platform/text.ts';
import { endSession } from './end-session.ts';
import type { SessionParts, SignedIn } from './start-session.ts';
import { lockRefreshToken, rotateTokens } from './store.ts';
import { newTokens } from './tokens.ts';

const unknown = { says: 'The refresh token is unknown or was used already: sign in again.', code: 119 };
const expired = { says: 'The refresh token has expired: sign in again.', code: 120 };
type Refusal = typeof unknown;

/** REFRESH_TOKEN_INVALID for a token that is unknown, used or expired. `now` is in epoch milliseconds. */
export async function refreshSession(parts: SessionParts, refreshToken: string, now: number): Promise<SignedIn> {
  const used = requireText(refreshToken, 'input.refreshToken', { least: 1, most: 1_000 });
  const tokens = newTokens(parts.lifetimes, now);
  const outcome = await parts.database.write(async (tx): Promise<SignedIn | Refusal> => {
    const found = await lockRefreshToken(tx.db, used);
    if (found === null || found.endedAt !== null) return unknown;
    if (found.expiresAt.getTime() <= now) return expired;
    const { sessionId, userId } = found;
    if (found.usedAt !== null) {
      // Not by an exception: the end of the session has to be committed.
      await endSession(tx, { id: sessionId, userId }, now);
      return unknown;
    }
    await rotateTokens(tx.db, { sessionId, used, tokens, now: new Date(now) });
    // The old access token is worth nothing any more, whoever may have cached it.
    tx.bumpAccess([userId]);
    return { userId, tokens };
  });
  if ('says' in outcome) throw new AppError('REFRESH_TOKEN_INVALID', outcome.says, { code: outcome.code });
  return outcome;
}
