// Exchanges a refresh token of an application for new tokens. A public application's is good once, since anybody may have
// a copy of it: a second use ends the session. A confidential application, which proves to be itself each time, keeps its
// refresh token; it is good for its whole lifetime again from each use on.
import { AppError } from '../../../platform/errors.ts';
import type { AuthParts, AuthTransaction } from '../auth-parts.ts';
import { endSession } from '../sessions/end-session.ts';
import { noteUse } from '../sessions/note-use.ts';
import { currentCredentials } from '../sessions/refresh-session.ts';
import type { SignedIn } from '../sessions/start-session.ts';
import { insertAccessToken, insertTokens, type LockedRefreshToken, lockRefreshToken } from '../sessions/store.ts';
import { newTokens, type TokenPair } from '../tokens.ts';
import type { OAuth2Client } from './authenticate-client.ts';
import { extendRefreshToken, hasVersion, useUpRefreshToken } from './token-store.ts';

export interface Refresh {
  readonly client: OAuth2Client;
  readonly refreshToken: string;
}

/**
 * REFRESH_TOKEN_INVALID: 119 for a token that is unknown, used or another application's, 120 for an expired one;
 * CLIENT_UNKNOWN (123) when the version that it was given to was deleted. Access tokens given before run out by
 * themselves. `now` is in epoch milliseconds.
 */
export async function refreshApplicationSession(
  { database, users }: AuthParts,
  { client, refreshToken }: Refresh,
  now: number,
): Promise<SignedIn> {
  const current = await currentCredentials({ database, users }, refreshToken);
  const outcome = await database.write(async (tx): Promise<SignedIn | AppError> => {
    const found = await lockRefreshToken(tx.db, refreshToken);
    if (found === null || found.applicationId !== client.applicationId || found.endedAt !== null) return unknownToken();
    // Ended by a new password or the like, though nobody may have tidied the session away yet.
    if (current === null || found.credentialVersion < current) return unknownToken();
    if (found.usedAt !== null) {
      // Not by an exception: the end of the session has to be committed.
      await endSession(tx, { id: found.sessionId, userId: found.userId }, now);
      return unknownToken();
    }
    await requireVersion(tx, found, client);
    if (found.expiresAt.getTime() <= now) throw refusal('The refresh token has expired: sign in again.', 120);
    const tokens = client.confidential
      ? await keepToken(tx, found, { ...newTokens(client.lifetimes, now), refreshToken })
      : await rotateToken(tx, found, { client, tokens: newTokens(client.lifetimes, now), now });
    await noteUse(tx.db, { id: found.sessionId, lastUsedAt: found.lastUsedAt }, now);
    return { userId: found.userId, credentialVersion: found.credentialVersion, tokens };
  });
  if (outcome instanceof AppError) throw outcome;
  return outcome;
}

async function requireVersion(
  tx: AuthTransaction,
  { versionId }: LockedRefreshToken,
  client: OAuth2Client,
): Promise<void> {
  if (versionId === client.versionId || (versionId !== null && (await hasVersion(tx.db, versionId)))) return;
  const message = 'The version of the application that the refresh token was given to was deleted.';
  throw new AppError('CLIENT_UNKNOWN', message, { code: 123 });
}

async function keepToken(tx: AuthTransaction, found: LockedRefreshToken, tokens: TokenPair): Promise<TokenPair> {
  await extendRefreshToken(tx.db, found.id, tokens.refreshTokenExpiresAt);
  await insertAccessToken(tx.db, { sessionId: found.sessionId, refreshTokenId: found.id, tokens });
  return tokens;
}

interface Rotation {
  readonly client: OAuth2Client;
  readonly tokens: TokenPair;
  readonly now: number;
}

async function rotateToken(
  tx: AuthTransaction,
  { id, sessionId }: LockedRefreshToken,
  { client: { versionId }, tokens, now }: Rotation,
): Promise<TokenPair> {
  await useUpRefreshToken(tx.db, id, new Date(now));
  await insertTokens(tx.db, { sessionId, versionId, tokens });
  return tokens;
}

function unknownToken(): AppError {
  return refusal('The refresh token is unknown or was used already: sign in again.', 119);
}

function refusal(message: string, code: number): AppError {
  return new AppError('REFRESH_TOKEN_INVALID', message, { code });
}
