// Starts a session for a user who has proven to be that user, by whatever means.
import { newId } from '../../../platform/ids.ts';
import type { AuthTransaction } from '../auth-parts.ts';
import type { SessionKind } from '../models.ts';
import type { TokenPair } from '../tokens.ts';
import type { Authentication } from '../users-service.ts';
import { insertSession, insertTokens } from './store.ts';

/** What a client gets: the tokens, which are not kept, and whose they are. */
export interface SignedIn {
  readonly userId: string;
  /** As of which of the user's credentials. */
  readonly credentialVersion: number;
  readonly tokens: TokenPair;
}

export interface SessionOpening {
  readonly authentication: Authentication;
  readonly kind: SessionKind;
  /** The application that the session is for; null: the API itself. */
  readonly application: { readonly id: string; readonly versionId?: string } | null;
}

export interface SessionStart extends SessionOpening {
  /** With the version that the tokens are given to. */
  readonly application: { readonly id: string; readonly versionId: string } | null;
}

/** A session without tokens: its id. Whoever starts one gives it the tokens of its kind, in the same transaction. */
export async function openSession(
  tx: AuthTransaction,
  { authentication: { userId, credentialVersion }, kind, application }: SessionOpening,
): Promise<string> {
  const id = newId();
  await insertSession(tx.db, { id, userId, credentialVersion, kind, applicationId: application?.id ?? null });
  tx.publish({ type: 'session_started', content: { userId, sessionId: id } });
  return id;
}

/** A session with an access token and a refresh token. */
export async function startSession(tx: AuthTransaction, start: SessionStart, tokens: TokenPair): Promise<SignedIn> {
  const sessionId = await openSession(tx, start);
  await insertTokens(tx.db, { sessionId, versionId: start.application?.versionId ?? null, tokens });
  return { ...start.authentication, tokens };
}
