// Opens a session of an OAuth 1 application with its token, which is good until it is revoked.
import { AppError } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import { holdApplication } from '../applications/store.ts';
import type { AuthParts, AuthTransaction } from '../auth-parts.ts';
import type { OAuth1TokenModel } from '../models.ts';
import { openSession } from '../sessions/start-session.ts';
import { newToken } from '../tokens.ts';
import type { Authentication } from '../users-service.ts';
import { insertOAuth1Token } from './store.ts';

/** What a client gets. The secret is kept sealed only. */
export interface OpenedToken {
  readonly token: OAuth1TokenModel;
  readonly tokenSecret: string;
  readonly authentication: Authentication;
}

export interface TokenOpening {
  readonly authentication: Authentication;
  readonly applicationId: string;
  readonly kind: 'OAUTH1' | 'SSO';
}

/** OAUTH_KEY_UNKNOWN when the application was deleted since the request was authenticated. */
export async function openToken(
  { sealing }: AuthParts,
  tx: AuthTransaction,
  { authentication, applicationId, kind }: TokenOpening,
): Promise<OpenedToken> {
  if (!(await holdApplication(tx.db, applicationId))) throw new AppError('OAUTH_KEY_UNKNOWN', undefined, { code: 107 });
  const sessionId = await openSession(tx, { authentication, kind, application: { id: applicationId } });
  const [id, token, tokenSecret] = [newId(), newToken(), newToken()];
  const createdAt = await insertOAuth1Token(tx.db, { id, sessionId, token, sealedSecret: sealing.seal(tokenSecret) });
  const { userId } = authentication;
  return { token: { id, applicationId, userId, token, lastUsedAt: null, createdAt }, tokenSecret, authentication };
}
