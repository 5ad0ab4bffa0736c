// Ends the session that a request was made in.
import { AppError } from '../../../platform/errors.ts';
import type { Caller } from '../../../platform/identity/identity.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import { endSession } from './end-session.ts';

/** The id of the user. ILLEGAL_STATE for a request that was authenticated without a session. */
export async function logout(database: AuthDatabase, caller: Caller, now: number): Promise<string> {
  const { userId } = requireUser(caller.identity);
  const { sessionId } = caller;
  if (sessionId === undefined)
    throw new AppError('ILLEGAL_STATE', 'This request was not made in a session.', { code: 27 });
  await database.write((tx) => endSession(tx, { id: sessionId, userId }, now));
  return userId;
}
