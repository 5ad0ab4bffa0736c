// Gives committed events their position in the log: 1, 2, 3 … without gaps. May run in several processes at once.
import { Prisma } from '../../generated/prisma/client.ts';
import type { LogEvent } from './event.ts';
import { eventColumns, type LogDatabase } from './log.ts';

/**
 * Numbers at most `most` events and returns them in order. Events of one row keep their order: a transaction writes
 * its events after it has locked the rows that it changes, so a later change has a higher `seq`.
 */
export async function numberEvents(database: LogDatabase, most: number): Promise<LogEvent[]> {
  const [waiting] = await database.db.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM events.events WHERE position IS NULL) AS found`;
  if (waiting?.found !== true) return [];
  return database.write(async ({ db }) => {
    // Before anything is looked at: whoever holds this row is alone, and the next statement sees all that it has done.
    await db.$queryRaw`SELECT position FROM events.log_head WHERE id = 1 FOR UPDATE`;
    return db.$queryRaw<LogEvent[]>(Prisma.sql`
      WITH waiting AS (
        SELECT id, seq FROM events.events WHERE position IS NULL ORDER BY seq LIMIT ${most}
      ), places AS (
        SELECT id, (SELECT position FROM events.log_head WHERE id = 1) + row_number() OVER (ORDER BY seq) AS position
        FROM waiting
      ), e AS (
        UPDATE events.events AS event SET position = places.position, updated_at = now()
        FROM places WHERE event.id = places.id RETURNING event.*
      ), head AS (
        UPDATE events.log_head SET position = (SELECT max(position) FROM places), updated_at = now()
        WHERE id = 1 AND EXISTS (SELECT FROM places)
      )
      SELECT ${eventColumns} FROM e ORDER BY e.position`);
  });
}
