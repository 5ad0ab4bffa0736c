// Ends sessions: their tokens, and what was made in them to start others, are worth nothing from then on.
import type { Where } from '../../../platform/access/condition-where.ts';
import type { AuthTransaction } from '../auth-parts.ts';
import { deleteMadeIn, markEnded } from './store.ts';

export interface SessionKey {
  readonly id: string;
  readonly userId: string;
}

/** Does nothing when the session is not this user's, or has ended already. `now` is in epoch milliseconds. */
export async function endSession(tx: AuthTransaction, { id, userId }: SessionKey, now: number): Promise<void> {
  await endSessions(tx, { id, userId }, now);
}

/** Those of the sessions that had not ended already. `now` is in epoch milliseconds. */
export async function endSessions(tx: AuthTransaction, where: Where, now: number): Promise<readonly SessionKey[]> {
  const ended = await markEnded(tx.db, where, new Date(now));
  await deleteMadeIn(
    tx.db,
    ended.map(({ id }) => id),
  );
  for (const { id: sessionId, userId } of ended) {
    tx.publish({ type: 'session_ended', content: { userId, sessionId } });
  }
  tx.bumpAccess(ended.map(({ userId }) => userId));
  return ended;
}
