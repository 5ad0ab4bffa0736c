// Keeps the log's tables in shape while the relay works: begins a new segment when it is time, drops what is no longer
// kept, and cleans the outbox. What cannot be done now is tried again; numbering events goes on meanwhile.
import type { Clock } from '../clock.ts';
import type { SqlConnection } from '../database/sql-connection.ts';
import type { Logger } from '../subgraph/context.ts';
import { isSegmentDue, type Keep, type Progress, roomInSegment, segmentsToDrop } from './retention.ts';
import { beginSegment, dropSegment, type LogState, readLogState } from './segments.ts';

export interface LogKeeperOptions {
  readonly connection: SqlConnection;
  readonly keep: Keep;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** How often to look: milliseconds, 60,000 unless told. */
  readonly checkMs?: number | undefined;
}

export interface LogKeeper {
  /** To be called after each move of events, with their number; looks after the tables when it is time. Never rejects. */
  tend(moved: number): Promise<void>;
}

/** Rows of the outbox left behind by moves: so many at most before their places are freed. */
const movesUntilVacuum = 5_000;
/** When something is in the way, a backup that reads the log for example. */
const retryMs = 5_000;

export function createLogKeeper({ connection, keep, clock, log, checkMs = 60_000 }: LogKeeperOptions): LogKeeper {
  // Not by the time of day, which may be set back.
  let lookAt = 0;
  /** Events until the newest segment is full. */
  let room = 0;
  let uncleaned = 0;
  let failing = false;

  async function look(): Promise<void> {
    const isDue = (state: LogState) => isSegmentDue(state, keep, clock());
    let state = await readLogState(connection);
    if (isDue(state)) {
      await beginSegment(connection, new Date(clock()), isDue);
      state = await readLogState(connection);
    }
    room = roomInSegment(state, keep);
    await dropOld(state);
  }

  async function dropOld(state: LogState): Promise<void> {
    const progress = await readProgress(connection);
    for (const { segment, lastPosition, unhandledBy } of segmentsToDrop(state, keep, clock(), progress)) {
      await dropSegment(connection, segment);
      const facts = { from: segment.firstPosition.toString(), to: lastPosition.toString() };
      if (unhandledBy.length === 0) log.info(facts, 'old events were dropped');
      else log.error({ ...facts, unhandledBy }, 'events were dropped that services had not handled');
    }
  }

  /** Their places are used again only after this; an embedded database does it for nobody by itself. */
  async function cleanOutbox(): Promise<void> {
    await connection.query('VACUUM events.outbox');
    uncleaned = 0;
  }

  return {
    async tend(moved) {
      room -= moved;
      uncleaned += moved;
      const now = performance.now();
      const isFine = room > 0 && uncleaned < movesUntilVacuum;
      if (now < lookAt && (isFine || failing)) return;
      try {
        if (uncleaned >= movesUntilVacuum) await cleanOutbox();
        await look();
        if (failing) log.info({}, 'the log is kept in shape again');
        failing = false;
        lookAt = now + checkMs;
      } catch (error) {
        if (!failing) log.warn({ err: error }, 'the log cannot be kept in shape; trying again');
        failing = true;
        lookAt = now + retryMs;
      }
    },
  };
}

async function readProgress(connection: SqlConnection): Promise<Progress[]> {
  const rows = await connection.query<{ service: string; position: string }>(
    'SELECT service, position::text AS position FROM events.consumers',
  );
  return rows.map(({ service, position }) => ({ service, position: BigInt(position) }));
}
