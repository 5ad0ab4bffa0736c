// The segments of the log: each is a table of its own (a partition of events.log) with a stretch of positions, so that
// old events are dropped with their table, at once. The segment with the highest number is the one that is written to.
import type { SqlConnection, SqlTransaction } from '../database/sql-connection.ts';

export interface Segment {
  readonly number: bigint;
  /** The position of its first event, also while it has none. It reaches to the first position of the next one. */
  readonly firstPosition: bigint;
  /** So many positions at its beginning have no events (see skip-positions.ts); mostly 0. */
  readonly skipped: bigint;
  readonly startedAt: Date;
}

/** Milliseconds that readers and the relay wait behind a change of the log's tables at most. */
const longestLock = 200;

/** What the log consists of at one moment. */
export interface LogState {
  /** The newest position. */
  readonly head: bigint;
  /** Oldest first; never empty. */
  readonly segments: readonly Segment[];
}

/** The one that is written to. */
export function newestSegment({ segments }: LogState): Segment {
  const newest = segments.at(-1);
  if (newest === undefined) throw new Error('The log of events has lost its segments');
  return newest;
}

/** How many events there are in the segment and all later ones. */
export function countEvents({ head, segments }: LogState, from: Segment): bigint {
  const skipped = segments.reduce((sum, { number, skipped }) => (number < from.number ? sum : sum + skipped), 0n);
  return head - from.firstPosition + 1n - skipped;
}

export async function readLogState(sql: Pick<SqlTransaction, 'query'>): Promise<LogState> {
  // As text: the drivers differ in how they read large numbers.
  const rows = await sql.query<Record<'head' | 'number' | 'first' | 'skipped' | 'started', string>>(`
    SELECT head.position::text AS head, number::text, first_position::text AS first, skipped::text AS skipped,
      floor(extract(epoch FROM started_at) * 1000)::text AS started
    FROM events.log_head AS head, events.log_segments WHERE head.id = 1 ORDER BY log_segments.number`);
  const segments = rows.map(({ number, first, skipped, started }) => ({
    number: BigInt(number),
    firstPosition: BigInt(first),
    skipped: BigInt(skipped),
    startedAt: new Date(Number(started)),
  }));
  return { head: BigInt(rows[0]?.head ?? 0), segments };
}

/**
 * Begins a new segment when `isDue` still says so once nobody else numbers events or begins one. Readers go on meanwhile.
 * Whether it has.
 */
export async function beginSegment(
  connection: SqlConnection,
  startedAt: Date,
  isDue: (state: LogState) => boolean,
): Promise<boolean> {
  return connection.transaction(async (transaction) => {
    const state = await lockLog(transaction);
    if (!isDue(state)) return false;
    await appendSegment(transaction, state, { startedAt, skipped: 0n });
    return true;
  });
}

/** Nobody else numbers events or begins a segment until the transaction ends. */
export async function lockLog(transaction: SqlTransaction): Promise<LogState> {
  await transaction.run(`SET LOCAL lock_timeout = '2s'`);
  await transaction.query('SELECT FROM events.log_head WHERE id = 1 FOR UPDATE');
  return readLogState(transaction);
}

/** Behind the head of a locked log. Returns its number. */
export async function appendSegment(
  transaction: SqlTransaction,
  state: LogState,
  { startedAt, skipped }: Pick<Segment, 'startedAt' | 'skipped'>,
): Promise<bigint> {
  const number = newestSegment(state).number + 1n;
  await transaction.run(`
    CREATE TABLE events.log_${number} (LIKE events.log INCLUDING DEFAULTS);
    ALTER TABLE events.log ATTACH PARTITION events.log_${number} FOR VALUES IN (${number})`);
  // `created_at` is the database's own time, after the lock: what was written later has a higher position (log.ts).
  await transaction.query(
    `INSERT INTO events.log_segments (number, first_position, skipped, started_at, created_at)
     VALUES ($1, $2, $3, $4::text::timestamptz, clock_timestamp())`,
    [`${number}`, `${state.head + 1n}`, `${skipped}`, startedAt.toISOString()],
  );
  return number;
}

/**
 * Drops a segment with all its events. Readers wait for a moment at most: where somebody reads the log for longer (a
 * backup, for example), this rejects instead, and can be tried again later.
 */
export async function dropSegment(connection: SqlConnection, { number }: Segment): Promise<void> {
  await connection.transaction(async (transaction) => {
    await transaction.run(`SET LOCAL lock_timeout = '${longestLock}ms'`);
    await transaction.run(`DROP TABLE IF EXISTS events.log_${number}`);
    await transaction.query('DELETE FROM events.log_segments WHERE number = $1', [`${number}`]);
  });
}
