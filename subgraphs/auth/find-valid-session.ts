// Whom an access token belongs to, for whoever authenticates requests.
import type { SessionModel } from './models.ts';
import type { AuthDatabase } from './store.ts';
import { findSession } from './store.ts';

/** Null for a token that is unknown, replaced, ended or expired. `now` is in epoch milliseconds. */
export async function findValidSession(
  database: AuthDatabase,
  tokenHash: string,
  now: number,
): Promise<SessionModel | null> {
  const session = await findSession(database.db, tokenHash);
  return session !== null && session.expiresAt.getTime() > now ? session : null;
}
