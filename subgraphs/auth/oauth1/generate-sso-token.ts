// A token with which a user passes from one OAuth 1 application to another without signing in again.
import { AppError } from '../../../platform/errors.ts';
import type { Caller } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import { holdOAuth1Session } from '../sessions/store.ts';
import { hashToken, newToken } from '../tokens.ts';
import { insertSsoToken } from './store.ts';

export interface GeneratedSsoToken {
  readonly ssoToken: string;
  readonly expiresAt: Date;
}

/** UNAUTHENTICATED unless the request was signed with an OAuth 1 token. `now` is in epoch milliseconds. */
export async function generateSsoToken(
  { database, config }: AuthParts,
  { identity, sessionId = '' }: Caller,
  now: number,
): Promise<GeneratedSsoToken> {
  const { userId } = requireUser(identity);
  const ssoToken = newToken();
  const expiresAt = new Date(now + config.ssoTokenSeconds * 1_000);
  await database.write(async (tx) => {
    // Held: what ends all sessions of the user waits, and finds the token.
    const session = sessionId === '' ? null : await holdOAuth1Session(tx.db, { id: sessionId, userId });
    if (session === null) {
      throw new AppError('UNAUTHENTICATED', 'The request must be signed with an OAuth 1 token.', { code: 101 });
    }
    const { applicationId, credentialVersion } = session;
    const tokenHash = hashToken(ssoToken);
    const origin = { userId, credentialVersion, applicationId, originSessionId: sessionId };
    await insertSsoToken(tx.db, { id: newId(), ...origin, tokenHash, expiresAt });
  });
  return { ssoToken, expiresAt };
}
