// Starts a session for a user who has proven to be that user, by whatever means.
import { newId } from '../../platform/ids.ts';
import type { AuthDatabase } from './store.ts';
import { insertSession } from './store.ts';
import { newTokens, type TokenLifetimes, type TokenPair } from './tokens.ts';

/** What a client gets: the tokens, which are not kept, and whose they are. */
export interface SignedIn {
  readonly userId: string;
  readonly tokens: TokenPair;
}

export interface SessionParts {
  readonly database: AuthDatabase;
  readonly lifetimes: TokenLifetimes;
}

/** `now` is in epoch milliseconds. */
export async function startSession(parts: SessionParts, userId: string, now: number): Promise<SignedIn> {
  const id = newId();
  const tokens = newTokens(parts.lifetimes, now);
  await parts.database.write(async (tx) => {
    await insertSession(tx.db, { id, userId }, tokens);
    tx.publish({ type: 'session_started', content: { userId, sessionId: id } });
  });
  return { userId, tokens };
}
