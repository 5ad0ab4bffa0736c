// Moves committed events from the outbox into the log and gives them their position there: 1, 2, 3 … without gaps (but see
// skip-positions.ts). May run in several processes at once.
import { Prisma } from '../../generated/prisma/client.ts';
import type { LogEvent } from './event.ts';
import { eventColumns, type LogDatabase } from './log.ts';

/**
 * Moves at most `most` events and returns them in order. Events of one row keep their order: a transaction writes its
 * events after it has locked the rows that it changes, so a later change has a higher `seq`.
 */
export async function numberEvents(database: LogDatabase, most: number): Promise<LogEvent[]> {
  const [waiting] = await database.db.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM events.outbox) AS found`;
  if (waiting?.found !== true) return [];
  return database.write(async ({ db }) => {
    // Before anything is looked at: whoever holds this row is alone, and the next statement sees all that it has done.
    await db.$queryRaw`SELECT position FROM events.log_head WHERE id = 1 FOR UPDATE`;
    return db.$queryRaw<LogEvent[]>(Prisma.sql`
      WITH waiting AS (
        DELETE FROM events.outbox WHERE seq <= (
          SELECT max(seq) FROM (SELECT seq FROM events.outbox ORDER BY seq LIMIT ${most}) AS oldest
        ) RETURNING *
      ), e AS (
        INSERT INTO events.log (segment, position, id, service, type, content, access, created_at)
        SELECT (SELECT max(number) FROM events.log_segments),
          (SELECT position FROM events.log_head WHERE id = 1) + row_number() OVER (ORDER BY seq),
          id, service, type, content, access, created_at
        FROM waiting ORDER BY seq RETURNING *
      ), head AS (
        UPDATE events.log_head SET position = (SELECT max(position) FROM e), updated_at = now()
        WHERE id = 1 AND EXISTS (SELECT FROM e)
      )
      SELECT ${eventColumns} FROM e ORDER BY e.position`);
  });
}
