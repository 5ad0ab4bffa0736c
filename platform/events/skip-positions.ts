// After a database was put back to an earlier state: positions that were given since then have been seen, and must not be
// given to other events, or whoever goes on from one of them would miss what happens until it is reached. So the log goes
// on far behind all of them, with an event that says so.
import { randomInt } from 'node:crypto';
import type { SqlConnection } from '../database/sql-connection.ts';
import { newId } from '../ids.ts';
import type { LogEvent, LogPage } from './event.ts';
import { appendSegment, lockLog, newestSegment } from './segments.ts';

const logRestored = 'log_restored';

/** More events than anybody has given positions to since a backup. */
const farEnough = 1_000_000_000n;
/** Among so many positions the new one is chosen: 12 days of microseconds. */
const choice = 2 ** 40;

/** The last position before, and that of the event `log_restored`. */
export interface SkippedPositions {
  readonly after: bigint;
  readonly upTo: bigint;
}

/**
 * To be called once, before anything else works with the database. The new position is the time in microseconds, and
 * something at random: behind all that were given before, as nobody gives a million positions a second for long; and
 * another one at every restore, also of the same backup, soon after another, or by a clock that was set back.
 */
export async function skipPositions(connection: SqlConnection, now: Date): Promise<SkippedPositions> {
  return connection.transaction(async (transaction) => {
    const state = await lockLog(transaction);
    const after = state.head;
    const upTo = nextPosition(after, now);
    const { startedAt } = newestSegment(state);
    const segment = await appendSegment(transaction, state, {
      // Not before the last one: its events would seem to be old.
      startedAt: now > startedAt ? now : startedAt,
      skipped: upTo - after - 1n,
    });
    await transaction.query(
      `INSERT INTO events.log (segment, position, id, service, type, content, created_at)
       VALUES ($1, $2, $3, 'events', '${logRestored}', $4::text::jsonb, $5::text::timestamptz)`,
      [`${segment}`, `${upTo}`, newId(), JSON.stringify({ after: `${after}` }), now.toISOString()],
    );
    await transaction.query('UPDATE events.log_head SET position = $1, updated_at = now() WHERE id = 1', [`${upTo}`]);
    return { after, upTo };
  });
}

function nextPosition(after: bigint, now: Date): bigint {
  const [time, behind] = [BigInt(now.getTime()) * 1_000n, after + farEnough];
  return (time > behind ? time : behind) + BigInt(randomInt(choice));
}

/** Whether the position is one that the log has left out, by what follows it there: it was given before a restore. */
export function wasSkipped(position: bigint, { events: [next] }: Pick<LogPage, 'events'>): boolean {
  if (next === undefined || next.position === position + 1n) return false;
  return !isRestoreAfter(next, position);
}

function isRestoreAfter({ type, content }: LogEvent, position: bigint): boolean {
  return type === logRestored && content.after === `${position}`;
}
