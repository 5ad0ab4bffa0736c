// Ends all sessions of a user but the one that the request is made in.
import { AppError } from '../../../platform/errors.ts';
import type { Caller } from '../../../platform/identity/identity.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import { endSessions } from './end-session.ts';

/** The ids that they had. ILLEGAL_STATE for a request that was authenticated without a session. */
export async function revokeOtherSessions(database: AuthDatabase, caller: Caller, now: number): Promise<string[]> {
  const { userId } = requireUser(caller.identity);
  const { sessionId } = caller;
  if (sessionId === undefined)
    throw new AppError('ILLEGAL_STATE', 'This request was not made in a session.', { code: 27 });
  const ended = await database.write((tx) => endSessions(tx, { userId, id: { not: sessionId } }, now));
  return ended.map(({ id }) => id);
}
