// Reads the log of events. Only events that have their position are in it, and never with a gap: positions are given
// in one transaction with the head of the log (see number-events.ts).
import { Prisma } from '../../generated/prisma/client.ts';
import type { Models, ServiceDatabase } from '../database/database.ts';
import type { LogEvent, LogPage } from './event.ts';

/** The service `events` owns these tables; the platform writes and reads them for it. */
export type LogDatabase = ServiceDatabase<'event' | 'logHead'>;

type LogReader = Pick<Models<'event' | 'logHead'>, '$queryRaw'>;

/** The columns of a LogEvent, from a table named `e`. */
export const eventColumns = Prisma.sql`
  e.id, e.position, e.service, e.type, e.content, e.access, e.created_at AS "createdAt"`;

type Bounds = Pick<LogPage, 'oldest' | 'newest'>;
type EventRow = { readonly [K in keyof LogEvent]: LogEvent[K] | null };

/** At most `first` events after the position, with the bounds of the log at the same moment. */
export async function readLog(db: LogReader, after: bigint, first: number): Promise<LogPage> {
  // One statement, so that bounds and events are of one snapshot. Without events there is still a row, of bounds only.
  const rows = await db.$queryRaw<(Bounds & EventRow)[]>(Prisma.sql`
    SELECT head.position AS newest,
      coalesce((SELECT min(position) FROM events.events), head.position + 1) AS oldest,
      ${eventColumns}
    FROM events.log_head AS head
    LEFT JOIN LATERAL (
      SELECT * FROM events.events WHERE position > ${after} ORDER BY position LIMIT ${first}
    ) AS e ON TRUE
    WHERE head.id = 1
    ORDER BY e.position`);
  const [bounds] = rows;
  if (bounds === undefined) throw new Error('The log of events has lost its head row');
  return {
    oldest: bounds.oldest,
    newest: bounds.newest,
    events: rows.filter((row) => row.id !== null).map(({ oldest: _, newest: __, ...event }) => event as LogEvent),
  };
}
