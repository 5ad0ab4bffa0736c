// The log of a database that was put back: who has seen what is no more is told, whenever it comes; everybody else goes on
// without a gap; and no figure counts what was left out.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import type { EventBus } from './bus.ts';
import type { LogEvent } from './event.ts';
import { startEventFeed } from './event-feed.ts';
import type { EventFeed } from './feed.ts';
import { createLocalBus } from './local-bus.ts';
import { countLog, findFirstSegment, type LogDatabase, readLog } from './log.ts';
import { isSegmentDue, type Keep, roomInSegment, segmentsToDrop } from './retention.ts';
import { beginSegment, countEvents, dropSegment, newestSegment, readLogState } from './segments.ts';
import { skipPositions } from './skip-positions.ts';

let database: TestDatabase;
let events: LogDatabase;
let bus: EventBus;
let feed: EventFeed;
let clock: number;

beforeEach(async () => {
  database = await startTestDatabase();
  events = database.forService('events');
  clock = Date.UTC(2026, 0, 1);
  feed = startFeed();
});
afterEach(async () => {
  feed.close();
  await database.close();
});

function startFeed(): EventFeed {
  const read = (after: bigint, first: number) => readLog(events.db, after, first);
  bus = createLocalBus({ onlyProcess: false });
  return startEventFeed({ checkMs: 20, bus, readLog: read, log: { warn: () => {} } });
}

/** Gives so many events their positions, and tells of them. */
async function write(count: number): Promise<void> {
  await database.forService('data').write(async (tx) => {
    for (let turn = 0; turn < count; turn += 1) tx.publish({ type: 'changed', content: {} });
  });
  const { head } = await state();
  await bus.publish(await database.readLog(head));
}

const state = () => readLogState(database.connection);

/** As a backup of this position would be: what came later is gone. */
async function putBackTo(position: bigint): Promise<void> {
  for (const segment of (await state()).segments.slice(1)) {
    if (segment.firstPosition > position) await dropSegment(database.connection, segment);
  }
  await database.connection.query('DELETE FROM events.log WHERE position > $1', [`${position}`]);
  await database.connection.query('UPDATE events.log_head SET position = $1', [`${position}`]);
}

async function restore(position: bigint, later = 3_600_000): Promise<bigint> {
  feed.close();
  await putBackTo(position);
  clock += later;
  const { after, upTo } = await skipPositions(database.connection, new Date(clock));
  expect(after).toBe(position);
  feed = startFeed();
  return upTo;
}

const next = async (after: bigint, most = 500) => {
  const read = await feed.read(after, most, new AbortController().signal);
  return read.map(({ position }) => position);
};
/** All there are, in as many pages as it takes. */
async function readAll(after: bigint): Promise<LogEvent[]> {
  const got: LogEvent[] = [];
  for (let from = after; ; from = got.at(-1)?.position ?? from) {
    const page = await feed.read(from, 500, new AbortController().signal);
    if (page.length === 0) return got;
    got.push(...page);
  }
}
const toStartAnew = { code: 'RESYNC_REQUIRED' };

test('the log goes on about at the time in microseconds, with an event that says after what', async () => {
  await write(5);
  const upTo = await restore(3n);
  const time = BigInt(clock) * 1_000n;
  expect([upTo >= time, upTo < time + 2n ** 40n]).toEqual([true, true]);
  const [restored, ...more] = (await readLog(events.db, 3n, 10)).events;
  expect(more).toEqual([]);
  expect(restored).toMatchObject({
    ...{ position: upTo, service: 'events', type: 'log_restored', content: { after: '3' }, access: null },
    createdAt: new Date(clock),
  });
  await write(2);
  expect(await next(3n)).toEqual([upTo, upTo + 1n, upTo + 2n]);
  expect(await next(1n, 3)).toEqual([2n, 3n, upTo]);
});

test('who has seen what is no more is told, also when new events have been there for long', async () => {
  await write(5);
  const upTo = await restore(3n);
  await write(10);
  for (const gone of [4n, 5n, 6n, 13n, upTo + 11n]) {
    await expect(next(gone)).rejects.toMatchObject(toStartAnew);
  }
  expect(await next(upTo)).toHaveLength(10);
});

test('a log without events goes on as well, and from its beginning', async () => {
  const upTo = await restore(0n);
  expect(await next(0n)).toEqual([upTo]);
  await expect(next(1n)).rejects.toMatchObject(toStartAnew);
});

test('each restore of the same backup leads to other positions, whatever the clock says', async () => {
  await write(2);
  const places = [];
  for (const later of [0, 0, 1_000, 3_600_000, -86_400_000]) places.push(await restore(2n, later));
  expect(new Set(places).size).toBe(5);
  for (const gone of places.slice(0, -1)) await expect(next(gone)).rejects.toMatchObject(toStartAnew);
  // Soon after that, and by a clock that is far behind.
  const last = places.at(-1) ?? 0n;
  const soon = [await restore(last, 0), await restore(last, 0), await restore(last, -clock)];
  expect(new Set(soon).size).toBe(3);
  for (const position of soon) expect(position).toBeGreaterThan(last + 1_000_000n);
});

test('a follower under which the database is put back is told, and goes on where it has seen nothing else', async () => {
  await write(3);
  const follow = async (after: bigint) => {
    const options = { after, types: undefined, signal: AbortSignal.timeout(10_000) };
    for await (const batch of feed.follow(options)) return batch.events.map(({ position }) => position);
    return undefined;
  };
  const told = expect(follow(3n)).rejects.toMatchObject(toStartAnew);
  await pause(50);
  await putBackTo(2n);
  const { upTo } = await skipPositions(database.connection, new Date(clock));
  await told;
  const following = follow(upTo);
  await pause(50);
  const again = await skipPositions(database.connection, new Date(clock + 1_000));
  expect(await following).toEqual([again.upTo]);
});

test('no figure counts what was left out, and no event is dropped for it', async () => {
  await write(5);
  const upTo = await restore(4n);
  expect(await countLog(events.db)).toBe(5);
  await write(2);
  const keep: Keep = { milliseconds: 30 * 24 * 3_600_000, events: 20 };
  expect(await countLog(events.db)).toBe(7);
  const now = await state();
  expect(now.segments.map(({ firstPosition, skipped }) => [firstPosition, skipped])).toEqual([
    [1n, 0n],
    [5n, upTo - 5n],
  ]);
  expect(countEvents(now, newestSegment(now))).toBe(3n);
  expect(roomInSegment(now, { ...keep, events: 100 })).toBe(7);
  expect(isSegmentDue(now, { ...keep, events: 100 }, clock)).toBe(false);
  expect(segmentsToDrop(now, keep, clock, [])).toEqual([]);
  await beginSegment(database.connection, new Date(clock), () => true);
  await write(20);
  const later = await state();
  expect(countEvents(later, newestSegment(later))).toBe(20n);
  expect(segmentsToDrop(later, { ...keep, events: 23 }, clock, []).map(({ segment }) => segment.number)).toEqual([1n]);
  expect(segmentsToDrop(later, { ...keep, events: 24 }, clock, [])).toEqual([]);
});

test('a clock that is behind makes no event old', async () => {
  await write(2);
  await skipPositions(database.connection, new Date(0));
  const { segments } = await state();
  expect(segments[1]?.startedAt).toEqual(segments[0]?.startedAt);
});

test('segments are found on both sides, and what is older is dropped as ever', async () => {
  await write(3);
  const upTo = await restore(3n);
  await write(1);
  expect(await findFirstSegment(events.db, 3n, undefined)).toBe(2n);
  expect(await findFirstSegment(events.db, upTo, undefined)).toBe(2n);
  const [oldest] = (await state()).segments;
  if (oldest !== undefined) await dropSegment(database.connection, oldest);
  expect(await readLog(events.db, 3n, 10)).toMatchObject({ oldest: 4n, newest: upTo + 1n });
  expect(await countLog(events.db)).toBe(2);
  expect(await next(3n)).toEqual([upTo, upTo + 1n]);
  await expect(next(2n)).rejects.toMatchObject(toStartAnew);
  await expect(next(4n)).rejects.toMatchObject(toStartAnew);
});

describe('whatever is written, backed up and restored', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({
      kind: fc.constant('restore' as const),
      backup: fc.nat(20),
      later: fc.constantFrom(0, 1_000, -1_000),
    }),
    fc.record({ kind: fc.constant('segment' as const) }),
  );

  test('a position leads to what came after it where it was given, or to a new beginning', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        feed.close();
        await database.close();
        database = await startTestDatabase();
        events = database.forService('events');
        feed = startFeed();
        /** All events that ever were, and those of the log as it is. */
        const ever = new Map<bigint, string>([[0n, 'the beginning']]);
        let log: LogEvent[] = [];
        for (const one of steps) {
          if (one.kind === 'write') await write(one.count);
          else if (one.kind === 'segment') await beginSegment(database.connection, new Date(clock), () => true);
          else await restore(log.length === 0 ? 0n : (log[one.backup % log.length]?.position ?? 0n), one.later);
          log = await readAll(0n);
          for (const { position, id } of log) {
            // No position is ever given to two events.
            expect(ever.get(position) ?? id).toBe(id);
            ever.set(position, id);
          }
        }
        for (const position of ever.keys()) {
          const index = position === 0n ? -1 : log.findIndex((event) => event.position === position);
          const isThere = position === 0n || index >= 0;
          if (isThere) expect(await readAll(position)).toEqual(log.slice(index + 1));
          else await expect(readAll(position)).rejects.toMatchObject(toStartAnew);
        }
        expect(await countLog(events.db)).toBe(log.length);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
