// Ends a session: its tokens are worth nothing from then on, here and in every cache.
import type { AuthTransaction } from './store.ts';
import { markEnded } from './store.ts';

export interface SessionKey {
  readonly id: string;
  readonly userId: string;
}

/** Does nothing when the session is not this user's, or has ended already. `now` is in epoch milliseconds. */
export async function endSession(tx: AuthTransaction, session: SessionKey, now: number): Promise<void> {
  if (!(await markEnded(tx.db, session, new Date(now)))) return;
  tx.publish({ type: 'session_ended', content: { userId: session.userId, sessionId: session.id } });
  tx.bumpAccess([session.userId]);
}
