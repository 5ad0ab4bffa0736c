// Reads the log of events. Only events that have their position are in it, and never with a gap (but after a restore, see
// skip-positions.ts): positions are given in one transaction with the head of the log (see number-events.ts). A reading
// touches the segments that hold what is asked for, and no others: which ones is looked up first.
import { Prisma } from '../../generated/prisma/client.ts';
import type { Models, ServiceDatabase } from '../database/database.ts';
import { momentSql } from '../database/moment-sql.ts';
import type { LogEvent, LogPage } from './event.ts';

/** The service `events` owns these tables; the platform writes and reads them for it. */
export type LogDatabase = ServiceDatabase<'event' | 'logHead'>;

type LogReader = Pick<Models<'event' | 'logHead'>, '$queryRaw'>;

/** The columns of a LogEvent, from a table named `e`. */
export const eventColumns = Prisma.sql`
  e.id, e.position, e.service, e.type, e.content, e.access, e.created_at AS "createdAt"`;

type Bounds = Pick<LogPage, 'oldest' | 'newest'>;
type EventRow = { readonly [K in keyof LogEvent]: LogEvent[K] | null };

/**
 * At most `first` events after the position, with the bounds of the log at the same moment. Where positions were skipped
 * there may be fewer, though more follow; none only where there are none.
 */
export async function readLog(db: LogReader, after: bigint, first: number): Promise<LogPage> {
  const page = await readPage(db, after, first);
  // A segment was begun since they were looked up, and the events lie there.
  const missed = page.events.length === 0 && first > 0 && after < page.newest && after >= page.oldest - 1n;
  return missed ? readPage(db, after, first) : page;
}

async function readPage(db: LogReader, after: bigint, first: number): Promise<LogPage> {
  const segments = await findSegments(db, after, first);
  const rows = await db.$queryRaw<(Bounds & EventRow)[]>(pageSql(segments, after, first));
  const [bounds] = rows;
  if (bounds === undefined) throw new Error('The log of events has lost its head row');
  return {
    oldest: bounds.oldest,
    newest: bounds.newest,
    events: rows.filter((row) => row.id !== null).map(({ oldest: _, newest: __, ...event }) => event as LogEvent),
  };
}

/** How many events the log holds. */
export async function countLog(db: LogReader): Promise<number> {
  const [kept] = await db.$queryRaw<[{ count: bigint }]>(Prisma.sql`
    SELECT head.position + 1 - min(first_position) - sum(skipped)::bigint AS count
    FROM events.log_head AS head, events.log_segments WHERE head.id = 1 GROUP BY head.position`);
  return Number(kept.count);
}

/** How far the log tells of what was changed. */
export interface LogProgress {
  readonly newest: bigint;
  /** For how long the oldest committed event without a position has waited for one; null: none waits. */
  readonly waitingSeconds: number | null;
}

/** One statement, so that every event that was committed before is counted in one of both places. */
export async function readLogProgress(db: LogReader): Promise<LogProgress> {
  const [state] = await db.$queryRaw<LogProgress[]>(Prisma.sql`
    SELECT position AS newest,
      (SELECT extract(epoch FROM clock_timestamp() - min(created_at)) FROM events.outbox)::float8 AS "waitingSeconds"
    FROM events.log_head WHERE id = 1`);
  if (state === undefined) throw new Error('The log of events has lost its head row');
  return state;
}

/** The first and the last segment that can hold what is asked for. */
export interface SegmentRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** Where the first `first` events after the position lie. */
async function findSegments(db: LogReader, after: bigint, first: number): Promise<SegmentRange> {
  const [range] = await db.$queryRaw<[SegmentRange]>(Prisma.sql`
    SELECT coalesce(max(number) FILTER (WHERE first_position - 1 <= ${after}), min(number), 0) AS "from",
      coalesce(max(number) FILTER (WHERE first_position - ${first} <= ${after}), min(number), 0) AS "to"
    FROM events.log_segments`);
  return range;
}

/** One statement, so that bounds and events are of one snapshot. Without events there is still a row, of bounds only. */
export function pageSql({ from, to }: SegmentRange, after: bigint, first: number): Prisma.Sql {
  return Prisma.sql`
    SELECT head.position AS newest,
      coalesce((SELECT min(first_position) FROM events.log_segments), head.position + 1) AS oldest,
      ${eventColumns}
    FROM events.log_head AS head
    LEFT JOIN LATERAL (
      SELECT * FROM events.log WHERE segment BETWEEN ${from} AND ${to} AND position > ${after}
      ORDER BY segment, position LIMIT ${first}
    ) AS e ON TRUE
    WHERE head.id = 1
    ORDER BY e.position`;
}

/** The first segment that can hold events after the position that tell of changes made at this moment or later. */
export async function findFirstSegment(db: LogReader, after: bigint, madeSince: Date | undefined): Promise<bigint> {
  // An event gets its position after the change was made: all that is in a segment was made before the next one began.
  const [segment] = await db.$queryRaw<[{ number: bigint }]>(Prisma.sql`
    SELECT greatest(
      coalesce(max(number) FILTER (WHERE first_position - 1 <= ${after}), 0),
      coalesce(min(number) FILTER (WHERE created_at >= moment) - 1, CASE WHEN moment IS NULL THEN 0 ELSE max(number) END, 0)
    ) AS number
    FROM events.log_segments, (SELECT ${momentSql(madeSince ?? null)} AS moment) AS asked
    GROUP BY moment`);
  return segment.number;
}
