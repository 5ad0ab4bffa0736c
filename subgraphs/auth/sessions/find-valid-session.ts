// Whom an access token belongs to, for whoever authenticates requests.
import type { AuthDatabase } from '../auth-parts.ts';
import type { SessionIdentityModel } from '../models.ts';
import { noteUse } from './note-use.ts';
import { findSession } from './store.ts';

/**
 * Null for a token that is unknown, replaced or ended. One that has expired is answered with its `expiresAt`, so that its
 * client can be told why it is refused. `now` is in epoch milliseconds.
 */
export async function findValidSession(
  { db }: AuthDatabase,
  tokenHash: string,
  now: number,
): Promise<SessionIdentityModel | null> {
  const session = await findSession(db, tokenHash);
  if (session === null) return null;
  if (session.expiresAt.getTime() > now) await noteUse(db, session, now);
  return session;
}
