// Starts what stands on the database, however long the database stays away: tells once that it is waited for, and goes on
// by itself.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../subgraph/context.ts';
import { isDatabaseAway } from './database-away.ts';

export interface WaitOptions<T> {
  /** Tried from the beginning each time; leaves nothing open when it rejects. */
  readonly start: () => Promise<T>;
  /** Called before the first wait; what it opens is closed before the last try that succeeds is handed out. */
  readonly whileWaiting: () => Promise<{ close(): Promise<unknown> }>;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Between two tries; milliseconds, 500 unless told. */
  readonly retryMs?: number;
}

/** What else than a database that is away keeps it from starting rejects. */
export async function whenReachable<T>({ start, whileWaiting, log, retryMs = 500 }: WaitOptions<T>): Promise<T> {
  let waiting: { close(): Promise<unknown> } | undefined;
  try {
    for (;;) {
      try {
        const started = await start();
        if (waiting !== undefined) log.info({}, 'the database is there; starting');
        return started;
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        if (waiting === undefined) {
          log.warn({ reason: (error as Error).message }, 'waiting for the database');
          waiting = await whileWaiting();
        }
        await pause(retryMs);
      }
    }
  } finally {
    await waiting?.close();
  }
}
