// Ends a session that a user no longer wants to be open: one's own, or anybody's with DELETE_AUTHORIZATIONS.
import { toWhere } from '../../../platform/access/condition-where.ts';
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import { ownOr } from '../owned-rows.ts';
import { endSessions } from './end-session.ts';
import type { Viewer } from './list-sessions.ts';

/** The id that it had. NOT_FOUND for somebody else's, too, and for one that has ended. */
export async function revokeSession(
  database: AuthDatabase,
  { identity, now }: Viewer,
  sessionId: string,
): Promise<string> {
  requireUser(identity);
  const id = requireId(sessionId, 'input.sessionId');
  const revocable = toWhere(ownOr(identity, 'DELETE_AUTHORIZATIONS'));
  await database.write(async (tx) => {
    const ended = await endSessions(tx, { AND: [{ id }, revocable] }, now);
    if (ended.length === 0) throw notFound('Session', 'input.sessionId');
  });
  return id;
}
