// What a follower gets whatever the bus does: every wanted event after its position, once, in order.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogEvent, LogPage } from './event.ts';
import { type EventFeedOptions, startEventFeed } from './event-feed.ts';
import type { EventFeed } from './feed.ts';
import { createLocalBus } from './local-bus.ts';

const silent = { warn: () => {} };

/** A log in memory, and a feed over it. */
function startLog(options: Partial<EventFeedOptions> = {}) {
  const events: LogEvent[] = [];
  // The relay tells a bus that has lost events of the head of the log.
  const bus = { ...createLocalBus(), newest: async () => BigInt(events.length) };
  const state = { dropped: 0, failing: false, reads: 0 };
  const readLog = async (after: bigint, first: number): Promise<LogPage> => {
    state.reads += 1;
    await pause(0);
    if (state.failing) throw new Error('the log is away');
    const from = Math.max(Number(after), state.dropped);
    return {
      oldest: BigInt(state.dropped + 1),
      newest: BigInt(events.length),
      events: events.slice(from, from + first),
    };
  };
  const append = (type = 'changed'): LogEvent => {
    const position = BigInt(events.length + 1);
    const event = {
      id: `${position}`,
      position,
      service: 'data',
      type,
      content: {},
      access: null,
      createdAt: new Date(0),
    };
    events.push(event);
    return event;
  };
  const publish = async (...types: string[]): Promise<void> => bus.publish(types.map(append));
  const feed = startEventFeed({ bus, readLog, log: silent, checkMs: 20, ...options });
  return { events, bus, state, append, publish, feed };
}

/** Follows until `count` wanted events came, or until nothing came for a while. */
async function collect(
  feed: EventFeed,
  after: bigint | undefined,
  count: number,
  types?: string[],
  idleMilliseconds = 1_000,
): Promise<bigint[]> {
  const ending = new AbortController();
  const got: bigint[] = [];
  let timer = setTimeout(() => ending.abort(), idleMilliseconds);
  const wanted = types === undefined ? undefined : new Set(types);
  for await (const batch of feed.follow({ after, types: wanted, signal: ending.signal })) {
    got.push(...batch.events.map(({ position }) => position));
    clearTimeout(timer);
    if (got.length >= count) break;
    timer = setTimeout(() => ending.abort(), idleMilliseconds);
  }
  clearTimeout(timer);
  return got;
}

const positions = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => BigInt(from + index));

describe('following the log', () => {
  test('a position that the log no longer reaches back to is refused', async () => {
    const { feed, state, publish } = startLog();
    await publish('a', 'b', 'c', 'd');
    state.dropped = 2;
    await expect(collect(feed, 1n, 1)).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
    expect(await collect(feed, 2n, 2)).toEqual([3n, 4n]);
    feed.close();
  });

  test('a position beyond the newest is refused', async () => {
    const { feed, publish } = startLog();
    await publish('a');
    await expect(collect(feed, 2n, 1)).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
    feed.close();
  });

  test('a follower is told when the log is put back to an earlier state', async () => {
    const { feed, publish, events } = startLog();
    await publish('a', 'b', 'c');
    const following = collect(feed, 3n, 1);
    await pause(50);
    events.length = 1;
    await expect(following).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
    feed.close();
  });

  test('the signal ends a follower that waits, and so does closing the feed', async () => {
    const { feed } = startLog();
    const ending = new AbortController();
    const read = async (signal: AbortSignal) => {
      for await (const _ of feed.follow({ after: undefined, types: undefined, signal }));
    };
    const [one, other] = [read(ending.signal), read(new AbortController().signal)];
    await pause(20);
    ending.abort();
    await one;
    feed.close();
    await other;
    await read(new AbortController().signal);
  });

  test('while the log is away a follower waits, and then gets everything', async () => {
    const { feed, state, publish } = startLog({ memory: 1 });
    await publish('a', 'b', 'c', 'd', 'e');
    state.failing = true;
    const following = collect(feed, 0n, 5);
    await pause(150);
    state.failing = false;
    expect(await following).toEqual(positions(1, 5));
    feed.close();
  });

  test('without a position it starts with what happens from now on', async () => {
    const { feed, publish } = startLog();
    await publish('a', 'b');
    await pause(20);
    const following = collect(feed, undefined, 1);
    await pause(20);
    await publish('c');
    expect(await following).toEqual([3n]);
    feed.close();
  });

  test('a last event that the bus lost is found soon', async () => {
    const { feed, append } = startLog();
    const following = collect(feed, undefined, 1);
    await pause(50);
    append();
    expect(await following).toEqual([1n]);
    feed.close();
  });

  test('a follower that wants nothing of what came still learns how far it has got', async () => {
    const { feed, publish } = startLog();
    await publish('a', 'b');
    const ending = new AbortController();
    for await (const batch of feed.follow({ after: 0n, types: new Set(['c']), signal: ending.signal })) {
      expect(batch).toEqual({ events: [], upTo: 2n });
      ending.abort();
    }
    feed.close();
  });

  test('an event that comes just when a follower has found nothing more is not overlooked', async () => {
    // Whatever the number of steps that the follower is on its way to sleep.
    for (let steps = 0; steps <= 12; steps += 1) {
      const { feed, publish } = startLog({ checkMs: 60_000 });
      await publish('a');
      const ending = new AbortController();
      const tooLate = setTimeout(() => ending.abort(), 1_000);
      let upTo = 0n;
      for await (const batch of feed.follow({ after: 0n, types: undefined, signal: ending.signal })) {
        upTo = batch.upTo;
        if (upTo === 2n) break;
        const later = (left: number): void => queueMicrotask(() => (left === 0 ? void publish('b') : later(left - 1)));
        later(steps);
      }
      clearTimeout(tooLate);
      expect([steps, upTo]).toEqual([steps, 2n]);
      feed.close();
    }
  });

  test('when nothing is lost, the log is not read for each event and each follower', async () => {
    const { feed, state, publish } = startLog({ checkMs: 60_000 });
    await pause(20);
    const followers = Array.from({ length: 20 }, () => collect(feed, undefined, 50));
    await pause(20);
    for (let turn = 0; turn < 50; turn += 1) {
      await publish('a');
      await pause(0);
    }
    for (const got of await Promise.all(followers)) expect(got).toEqual(positions(1, 50));
    expect(state.reads).toBeLessThan(5);
    feed.close();
  });

  test('while the bus has nothing that did not come, the log is not read however long nothing happens', async () => {
    let looks = 0;
    const log = startLog({ checkMs: 5 });
    const newest = log.bus.newest;
    log.bus.newest = async () => {
      looks += 1;
      return newest();
    };
    const got = collect(log.feed, 0n, 2, undefined, 60_000);
    await log.publish('a');
    /** How often the log is read while the bus is asked so many times. */
    const readsDuring = async (asked: number): Promise<number> => {
      const { reads } = log.state;
      const before = looks;
      while (looks < before + asked) await pause(5);
      return log.state.reads - reads;
    };
    // What was begun before the event came ends first, which a busy machine takes its time for.
    for (let turn = 0; (await readsDuring(3)) > 0; turn += 1) expect(turn).toBeLessThan(100);
    expect(await readsDuring(10)).toBe(0);
    await log.publish('b');
    expect(await got).toEqual(positions(1, 2));
    log.feed.close();
  });

  test('where a bus does not join all processes, the log is asked for what the others have done', async () => {
    const log = startLog({ checkMs: 5 });
    Object.assign(log.bus, { joinsAll: false, newest: async () => 1n });
    const got = collect(log.feed, 0n, 2);
    await log.publish('a');
    log.append('b');
    expect(await got).toEqual(positions(1, 2));
    log.feed.close();
  });

  type Log = ReturnType<typeof startLog>;
  type Step = (log: Log) => Promise<unknown>;
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: publishing() },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }).map((count) => lose(count)) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 }).map((back) => repeat(back)) },
    { weight: 1, arbitrary: fc.constant(() => pause(1)) },
    { weight: 1, arbitrary: fc.constant(breakOrMend) },
  );
  interface Reader {
    readonly after: number;
    readonly types: string[] | undefined;
    readonly slowness: number;
  }
  const reader: fc.Arbitrary<Reader> = fc.record({
    after: fc.integer({ min: 0, max: 10 }),
    types: fc.constantFrom(undefined, ['a'], ['b']),
    slowness: fc.constantFrom(0, 0, 1, 5),
  });

  function publishing(): fc.Arbitrary<Step> {
    const types = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 });
    return types.map(
      (some) =>
        ({ publish }: Log) =>
          publish(...some),
    );
  }
  function lose(count: number): Step {
    return async ({ append }) => Array.from({ length: count }, () => append('b'));
  }
  function repeat(back: number): Step {
    return ({ bus, events }) => bus.publish(events.slice(-back));
  }
  async function breakOrMend({ state }: Log): Promise<void> {
    state.failing = !state.failing;
  }

  test('whatever the bus loses and repeats, every follower gets each wanted event once and in order', async () => {
    const run = async (steps: Step[], readers: Reader[]) => {
      const log = startLog({ memory: 20, checkMs: 5 });
      await log.publish(...Array.from({ length: 10 }, () => 'a'));
      const ending = new AbortController();
      let behind = readers.length;
      const reading = readers.map(async ({ after, types, slowness }) => {
        const got: bigint[] = [];
        const wanted = types === undefined ? undefined : new Set(types);
        for await (const batch of log.feed.follow({ after: BigInt(after), types: wanted, signal: ending.signal })) {
          got.push(...batch.events.map(({ position }) => position));
          if (slowness > 0) await pause(slowness);
          if (batch.upTo === finish) behind -= 1;
        }
        return got;
      });
      let finish: bigint | undefined;
      for (const take of steps) await take(log);
      log.state.failing = false;
      await log.publish('a');
      finish = BigInt(log.events.length);
      const deadline = Date.now() + 5_000;
      while (behind > 0 && Date.now() < deadline) await pause(5);
      await pause(10); // for what should not come any more
      ending.abort();
      const expected = readers.map(({ after, types }) =>
        log.events
          .filter(({ position, type }) => position > BigInt(after) && (types === undefined || types.includes(type)))
          .map(({ position }) => position),
      );
      expect(await Promise.all(reading)).toEqual(expected);
      log.feed.close();
    };
    const steps = fc.array(step, { maxLength: 40 });
    const readers = fc.array(reader, { minLength: 1, maxLength: 5 });
    await fc.assert(fc.asyncProperty(steps, readers, run), { numRuns: 50 });
  });
});
