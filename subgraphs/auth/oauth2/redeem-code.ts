// Exchanges an authorization code for tokens. Each is good once: a second use means that somebody has a copy, and ends
// what came of the first (RFC 6749 §4.1.2).
import { createHash } from 'node:crypto';
import { AppError } from '../../../platform/errors.ts';
import { isSameText } from '../../../platform/is-same-text.ts';
import type { AuthParts } from '../auth-parts.ts';
import { endSession } from '../sessions/end-session.ts';
import type { SignedIn } from '../sessions/start-session.ts';
import type { OAuth2Client } from './authenticate-client.ts';
import { startApplicationSession } from './start-application-session.ts';
import { type LockedCode, lockCode, markRedeemed } from './store.ts';

export interface Redemption {
  readonly client: OAuth2Client;
  readonly code: string;
  readonly redirectUri?: string | undefined;
  readonly codeVerifier?: string | undefined;
}

/**
 * INVALID_GRANT: 115 for a code that is unknown, redeemed or another client's, 116 for an expired one, 128 and 122 for a
 * verifier that is missing or does not fit; CALLBACK_NOT_VALID (113) for an address that is not the one of the request.
 * A code that is refused for its verifier or address stays good. `now` is in epoch milliseconds.
 */
export async function redeemCode({ database }: AuthParts, redemption: Redemption, now: number): Promise<SignedIn> {
  const { client } = redemption;
  const outcome = await database.write(async (tx): Promise<SignedIn | AppError> => {
    const code = await lockCode(tx.db, redemption.code);
    if (code === null || code.versionId !== client.versionId) return unknownCode();
    if (code.sessionId !== null) {
      // Not by an exception: the end of the session has to be committed.
      await endSession(tx, { id: code.sessionId, userId: code.userId }, now);
      return unknownCode();
    }
    if (code.expiresAt.getTime() <= now) throw refusal('The authorization code has expired.', 116);
    requireSameAddress(code, redemption.redirectUri);
    requireVerifier(code, redemption.codeVerifier);
    const session = await startApplicationSession(
      tx,
      { authentication: authenticationOf(code), kind: 'AUTHORIZATION_CODE', client },
      now,
    );
    await markRedeemed(tx.db, code.id, session.sessionId);
    return session;
  });
  if (outcome instanceof AppError) throw outcome;
  return outcome;
}

function authenticationOf({ userId, credentialVersion }: LockedCode) {
  return { userId, credentialVersion };
}

/** An address that was left out of the request may be left out here, too. */
function requireSameAddress(code: LockedCode, redirectUri: string | undefined): void {
  if (redirectUri === undefined ? !code.redirectUriGiven : redirectUri === code.redirectUri) return;
  const message = 'redirect_uri: this is not the address of the authorization request.';
  throw new AppError('CALLBACK_NOT_VALID', message, { field: 'redirect_uri', code: 113 });
}

/**
 * A verifier without a challenge is refused, too: somebody may have cut the challenge out of the request to inject a code
 * (RFC 9700 §2.1.1).
 */
function requireVerifier({ codeChallenge, codeChallengeMethod }: LockedCode, verifier: string | undefined): void {
  if (codeChallenge === null && verifier === undefined) return;
  if (verifier === undefined) throw refusal('code_verifier: it is missing.', 128);
  const challenge =
    codeChallengeMethod === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
  if (codeChallenge === null || !isSameText(challenge, codeChallenge)) {
    throw refusal('code_verifier: it does not fit the code challenge.', 122);
  }
}

function unknownCode(): AppError {
  return refusal('The authorization code is unknown or was used already.', 115);
}

function refusal(message: string, code: number): AppError {
  return new AppError('INVALID_GRANT', message, { code });
}
