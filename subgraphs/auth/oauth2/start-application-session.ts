// Starts a session for an OAuth 2 application, with tokens that are good as long as those of its kind are.
import type { AuthTransaction } from '../auth-parts.ts';
import type { SessionKind } from '../models.ts';
import { openSession, type SignedIn } from '../sessions/start-session.ts';
import { insertTokens } from '../sessions/store.ts';
import { newTokens } from '../tokens.ts';
import type { Authentication } from '../users-service.ts';
import type { OAuth2Client } from './authenticate-client.ts';

export interface ApplicationSessionStart {
  readonly authentication: Authentication;
  readonly kind: SessionKind;
  /** It has proven to be itself (authenticateClient). */
  readonly client: OAuth2Client;
}

export interface StartedSession extends SignedIn {
  readonly sessionId: string;
}

/** `now` is in epoch milliseconds. */
export async function startApplicationSession(
  tx: AuthTransaction,
  { authentication, kind, client: { applicationId, versionId, lifetimes } }: ApplicationSessionStart,
  now: number,
): Promise<StartedSession> {
  const tokens = newTokens(lifetimes, now);
  const sessionId = await openSession(tx, { authentication, kind, application: { id: applicationId, versionId } });
  await insertTokens(tx.db, { sessionId, versionId, tokens });
  return { sessionId, ...authentication, tokens };
}
