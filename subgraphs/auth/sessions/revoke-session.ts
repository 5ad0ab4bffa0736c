// Ends a session that a user no longer wants to be open: one's own, or anybody's with DELETE_AUTHORIZATIONS.
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import { endSessions } from './end-session.ts';
import type { Viewer } from './list-sessions.ts';

/** The id that it had. NOT_FOUND for somebody else's, too, and for one that has ended. */
export async function revokeSession(
  database: AuthDatabase,
  { identity, now }: Viewer,
  sessionId: string,
): Promise<string> {
  const { userId } = requireUser(identity);
  const id = requireId(sessionId, 'input.sessionId');
  const mine = holdsEverywhere(identity, 'DELETE_AUTHORIZATIONS') ? {} : { userId };
  await database.write(async (tx) => {
    const ended = await endSessions(tx, { id, ...mine }, now);
    if (ended.length === 0) throw notFound('Session', 'input.sessionId');
  });
  return id;
}
