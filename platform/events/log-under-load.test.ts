// The log while everything happens at once: writers whose transactions take different times and some of which fail, two
// relays, segments begun and dropped. Whoever follows gets all of it, once and in order.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { recordingLog } from '../../tests/support/recording-log.ts';
import { type OpenDatabase, openDatabase } from '../database/open-database.ts';
import { newId } from '../ids.ts';
import type { LogEvent } from './event.ts';
import { startEventFeed } from './event-feed.ts';
import { createLocalBus } from './local-bus.ts';
import { type LogDatabase, readLog } from './log.ts';
import { startRelay } from './relay.ts';
import { readLogState } from './segments.ts';

/** One transaction of a writer. */
interface Turn {
  readonly group: number;
  /** While it holds the row of the group. */
  readonly milliseconds: number;
  readonly noise: number;
  readonly fails: boolean;
}

const keep = { milliseconds: 60_000, events: 200 };
/** Readers must not fall behind what is kept, so writers wait for them. */
const lagAtMost = 120;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it does not come about');
    await pause(5);
  }
}

/** Writes what the turns say, and returns how many events were committed. */
async function writeTurns(database: OpenDatabase, groups: readonly string[], turns: readonly Turn[]): Promise<number> {
  let events = 0;
  for (const { group, milliseconds, noise, fails } of turns) {
    const write = database.forService<'group'>('users').write(async (tx) => {
      for (let turn = 0; turn < noise; turn += 1) tx.publish({ type: 'noise', content: {} });
      const [row] = await tx.db.$queryRaw<{ name: string }[]>`
        UPDATE users.groups SET name = (name::int + 1)::text WHERE id = ${groups[group]}::uuid RETURNING name`;
      await pause(milliseconds);
      if (fails) throw new Error('rolled back');
      tx.publish({ type: 'group_changed', content: { group, version: Number(row?.name) } });
    });
    events += await write.then(
      () => noise + 1,
      () => 0,
    );
  }
  return events;
}

const turn = fc.record({
  group: fc.nat({ max: 2 }),
  milliseconds: fc.constantFrom(0, 0, 1, 5, 20),
  noise: fc.nat({ max: 3 }),
  fails: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

describeOnServers('the log under load', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  async function run(writers: readonly (readonly Turn[])[]): Promise<void> {
    const databaseUrl = await server.createDatabase();
    const bus = createLocalBus();
    const log = recordingLog();
    const open = () => openDatabase({ databaseUrl, dataDir: '', log, onCommitWithEvents: () => bus.wake() });
    const databases = [await open(), await open()] as const;
    // The lease would keep the second relay waiting; here both work, which must do no harm.
    const leased = { lost: new AbortController().signal, release: async () => {} };
    const relays = databases.map((database) =>
      startRelay({
        database: { ...database, tryLease: async () => leased },
        bus,
        log,
        keep,
        pollMs: 50,
        keepCheckMs: 20,
      }),
    );
    const groups = [newId(), newId(), newId()];
    await databases[0].forService<'group'>('users').db.group.createMany({
      data: groups.map((id) => ({ id, name: '0', description: '' })),
    });
    const events: LogDatabase = databases[0].forService('events');
    const ending = new AbortController();
    // One follows the bus and its memory, the other remembers next to nothing and reads the log.
    const followed = [2_000, 1].map((memory) => {
      const readPage = (after: bigint, first: number) => readLog(events.db, after, first);
      const feed = startEventFeed({ bus, readLog: readPage, log, memory, checkMs: 50 });
      const got: LogEvent[] = [];
      const reading = (async () => {
        for await (const batch of feed.follow({ after: 0n, types: undefined, signal: ending.signal })) {
          got.push(...batch.events);
          if (memory === 1) await pause(2);
        }
        feed.close();
      })();
      return { got, reading };
    });
    const lag = async () => {
      const { head } = await readLogState(databases[1].connection);
      return Number(head) - Math.min(...followed.map(({ got }) => got.length));
    };
    const counts = await Promise.all(
      writers.map(async (turns, index) => {
        let count = 0;
        for (let from = 0; from < turns.length; from += 5) {
          await until(async () => (await lag()) < lagAtMost - writers.length * 4);
          count += await writeTurns(databases[index % 2] ?? databases[0], groups, turns.slice(from, from + 5));
        }
        return count;
      }),
    );
    const committed = counts.reduce((one, other) => one + other, 0);
    await until(() => followed.every(({ got }) => got.length >= committed));
    await pause(50); // for what should not come any more
    ending.abort();
    await Promise.all(followed.map(({ reading }) => reading));
    await Promise.all(relays.map((relay) => relay.close()));

    for (const { got } of followed) {
      expect(got.map(({ position }) => Number(position))).toEqual(got.map((_, index) => index + 1));
      expect(got).toHaveLength(committed);
      expect(new Set(got.map(({ id }) => id)).size).toBe(committed);
      for (const group of groups.keys()) {
        const versions = got.filter(({ content }) => content.group === group).map(({ content }) => content.version);
        expect(versions).toEqual(versions.map((_, index) => index + 1));
      }
    }
    const { head, segments } = await readLogState(databases[0].connection);
    expect(Number(head)).toBe(committed);
    expect(segments[0]?.number).toBeGreaterThan(1n);
    const kept = await readLog(events.db, (segments[0]?.firstPosition ?? 0n) - 1n, 10_000);
    expect(kept.events).toEqual(followed[0]?.got.slice(-kept.events.length));
    expect(kept.events.length).toBeGreaterThanOrEqual(keep.events);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    await Promise.all(databases.map((database) => database.close()));
  }

  test('has every committed event once, without gaps, later changes of a row later, and followers get it so', async () => {
    const writers = fc.array(fc.array(turn, { minLength: 30, maxLength: 40 }), { minLength: 10, maxLength: 12 });
    await fc.assert(fc.asyncProperty(writers, run), { numRuns: 3, endOnFailure: true });
  });
});
