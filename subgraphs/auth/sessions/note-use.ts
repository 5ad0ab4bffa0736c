// When a session was last used, to the minute: written where a session is looked up anyway, once a minute at most.
import type { Models } from '../../../platform/database/database.ts';
import type { AuthTable } from '../auth-parts.ts';
import { setLastUsed } from './store.ts';

export interface UsedSession {
  readonly id: string;
  /** As it was read. */
  readonly lastUsedAt: Date | null;
}

/** `now` is in epoch milliseconds. */
export async function noteUse(db: Models<AuthTable>, { id, lastUsedAt }: UsedSession, now: number): Promise<void> {
  const minute = new Date(now - (now % 60_000));
  if (lastUsedAt === null || lastUsedAt < minute) await setLastUsed(db, id, minute);
}
