// From commit to bus: every committed event gets one position, without gaps, and arrives in order.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { recordingLog } from '../../tests/support/recording-log.ts';
import { type OpenDatabase, openDatabase } from '../database/open-database.ts';
import { newId } from '../ids.ts';
import type { EventBus } from './bus.ts';
import type { LogEvent } from './event.ts';
import { startEventFeed } from './event-feed.ts';
import { createLocalBus } from './local-bus.ts';
import { readLog } from './log.ts';
import { startRelay } from './relay.ts';
import { readLogState } from './segments.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it does not come about');
    await pause(10);
  }
}

function received(bus: EventBus): LogEvent[] {
  const events: LogEvent[] = [];
  bus.subscribe((some) => events.push(...some));
  return events;
}

async function wholeLog(database: OpenDatabase): Promise<readonly LogEvent[]> {
  return (await readLog(database.forService<'event' | 'logHead'>('events').db, 0n, 10_000)).events;
}

const positionsOf = (events: readonly LogEvent[]) => events.map(({ position }) => position);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index + 1));

test('a committed event is on the bus at once, without waiting for the next look', async () => {
  const bus = createLocalBus();
  const database = await startTestDatabase({ onCommitWithEvents: () => bus.wake() });
  const events = received(bus);
  const relay = startRelay({ database, bus, log: silent, pollMs: 60_000 });
  await pause(100);
  for (let turn = 0; turn < 5; turn += 1) {
    await database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: { turn } }));
    await until(() => events.length === turn + 1);
  }
  expect(events.map(({ content }) => content.turn)).toEqual([0, 1, 2, 3, 4]);
  expect(positionsOf(events)).toEqual(upTo(5));
  await relay.close();
  await database.close();
});

test('an event whose wake-up was lost is relayed soon all the same', async () => {
  const bus = createLocalBus();
  const database = await startTestDatabase();
  const events = received(bus);
  const relay = startRelay({ database, bus, log: silent, pollMs: 50 });
  await database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: {} }));
  await until(() => events.length === 1);
  await relay.close();
  await database.close();
});

test('a relay that waits for its turn goes on looking when the clock of the machine is set back', async () => {
  const database = await startTestDatabase();
  let looks = 0;
  const tryLease = async () => {
    looks += 1;
    return undefined;
  };
  const relay = startRelay({ database: { ...database, tryLease }, bus: createLocalBus(), log: silent, pollMs: 50 });
  const { now } = Date;
  try {
    await until(() => looks === 1);
    Date.now = () => now() - 3_600_000;
    await until(() => looks > 3);
  } finally {
    Date.now = now;
  }
  await relay.close();
  await database.close();
});

test('events that the bus does not take keep their positions in the log, and later ones follow', async () => {
  const bus = createLocalBus();
  const database = await startTestDatabase({ onCommitWithEvents: () => bus.wake() });
  let failures = 2;
  const events = received(bus);
  const failingBus: EventBus = {
    ...bus,
    publish: async (some) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the bus is away');
      return bus.publish(some);
    },
  };
  const relay = startRelay({ database, bus: failingBus, log: silent, pollMs: 50 });
  for (let turn = 1; turn <= 3; turn += 1) {
    await database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: {} }));
    await until(async () => (await wholeLog(database)).length === turn);
  }
  // The newest is handed over until the bus knows it; what is missing before it, readers find in the log.
  await until(() => events.at(-1)?.position === 3n);
  expect(await bus.newest()).toBe(3n);
  expect(positionsOf(await wholeLog(database))).toEqual(upTo(3));
  await relay.close();
  await database.close();
});

test('a bus that knows of what is no more, as it was used with another database, begins anew', async () => {
  const bus = createLocalBus();
  const database = await startTestDatabase({ onCommitWithEvents: () => bus.wake() });
  await database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: {} }));
  const [event] = await database.readLog();
  if (event === undefined) throw new Error('The log has no events');
  await bus.publish([{ ...event, position: 10n ** 15n }]);
  const events = received(bus);
  const relay = startRelay({ database, bus, log: silent, pollMs: 50 });
  await until(async () => (await bus.newest()) === 1n);
  await database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: {} }));
  await until(async () => (await bus.newest()) === 2n);
  expect(positionsOf(events)).toEqual([1n, 2n]);
  await relay.close();
  await database.close();
});

test('a bus that is ahead, as another relay has given positions meanwhile, is left as it is', async () => {
  const bus = createLocalBus();
  let forgotten = 0;
  const counted: EventBus = {
    ...bus,
    forget: async () => {
      forgotten += 1;
    },
  };
  const database = await startTestDatabase();
  const write = () => database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: {} }));
  const relay = startRelay({ database, bus: counted, log: silent, pollMs: 20 });
  await write();
  await until(async () => (await bus.newest()) === 1n);
  // By hand, as a second relay would.
  await write();
  await until(async () => {
    await bus.publish(await database.readLog(1n));
    return (await bus.newest()) === 2n;
  });
  await pause(200);
  expect([forgotten, await bus.newest()]).toEqual([0, 2n]);
  await relay.close();
  await database.close();
});

test('what is older than the log keeps is dropped; who resumes from before is told so, who resumes at the edge goes on', async () => {
  const day = 24 * 3_600_000;
  const bus = createLocalBus();
  const database = await startTestDatabase({ onCommitWithEvents: () => bus.wake() });
  const log = recordingLog();
  let now = Date.now();
  // The tables may have been made long ago.
  await database.connection.query('UPDATE events.log_segments SET started_at = now()');
  const keep = { milliseconds: 3 * day, events: Number.POSITIVE_INFINITY };
  const relay = startRelay({ database, bus, log, keep, clock: () => now, pollMs: 20, keepCheckMs: 20 });
  const write = () => database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: {} }));
  const state = () => readLogState(database.connection);
  const read = (after: bigint, first: number) =>
    readLog(database.forService<'event' | 'logHead'>('events').db, after, first);
  /** The first event after the position. */
  const follow = async (after: bigint): Promise<bigint | undefined> => {
    const feed = startEventFeed({ bus, readLog: read, log, checkMs: 20 });
    const signal = AbortSignal.timeout(15_000);
    try {
      for await (const { events } of feed.follow({ after, types: undefined, signal })) return events[0]?.position;
    } finally {
      feed.close();
    }
    return undefined;
  };
  await write();
  await write();
  await until(async () => (await state()).head === 2n);
  now += day;
  await until(async () => (await state()).segments.length === 2);
  await write();
  await until(async () => (await state()).head === 3n);
  now += 2.5 * day;
  await until(async () => (await state()).segments.length === 3);
  expect(await follow(0n)).toBe(1n);
  // A service that stands still has it kept for as long again.
  await database.connection.query("INSERT INTO events.consumers VALUES ('users', 1, now(), now())");
  now += day;
  await pause(200);
  expect((await state()).segments).toHaveLength(3);
  await database.connection.query("UPDATE events.consumers SET position = 2 WHERE service = 'users'");
  await until(async () => (await state()).segments.length === 2);
  await expect(follow(1n)).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
  expect(await follow(2n)).toBe(3n);
  expect(log.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  // In the end the service has stood still for too long, and nothing is left but the head.
  now += 6 * day;
  await until(async () => (await state()).segments.length === 1);
  expect(await read(3n, 10)).toEqual({ oldest: 4n, newest: 3n, events: [] });
  expect(log.lines.filter(({ level }) => level !== 'info')).toEqual([
    { level: 'error', text: expect.stringMatching(/had not handled .*"from":"3","to":"3","unhandledBy":\["users"\]/) },
  ]);
  await expect(follow(2n)).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
  const next = follow(3n);
  await write();
  expect(await next).toBe(4n);
  await relay.close();
  await database.close();
});

test('a bus that has forgotten everything is told of the head of the log, also by a relay that begins', async () => {
  const database = await startTestDatabase();
  await database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: {} }));
  await database.readLog();
  const bus = createLocalBus();
  const relay = startRelay({ database, bus, log: silent, pollMs: 20 });
  await until(async () => (await bus.newest()) === 1n);
  await relay.close();
  await database.close();
});

describeOnServers('on a PostgreSQL server', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test('many writers and two relays: each committed event once, without gaps, changes of a row in order', async () => {
    const url = await server.createDatabase();
    const bus = createLocalBus();
    const open = () =>
      openDatabase({ databaseUrl: url, dataDir: '', log: silent, onCommitWithEvents: () => bus.wake() });
    const [one, other] = await Promise.all([open(), open()]);
    const events = received(bus);
    // The lease keeps the second one waiting in earnest; here both work, which must do no harm.
    const leased = { lost: new AbortController().signal, release: async () => {} };
    const relays = [one, other].map((database) =>
      startRelay({ database: { ...database, tryLease: async () => leased }, bus, log: silent, pollMs: 50 }),
    );
    const groups = [newId(), newId(), newId()];
    const setUp = one.forService<'group'>('users');
    await setUp.db.group.createMany({ data: groups.map((id) => ({ id, name: '0', description: '' })) });

    const writers = 12;
    const turns = 25;
    let committed = 0;
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const users = (writer % 2 === 0 ? one : other).forService<'group'>('users');
        for (let turn = 0; turn < turns; turn += 1) {
          const id = groups[(writer + turn) % groups.length] ?? '';
          const write = users.write(async (tx) => {
            const [row] = await tx.db.$queryRaw<{ name: string }[]>`
              UPDATE users.groups SET name = (name::int + 1)::text WHERE id = ${id}::uuid RETURNING name`;
            tx.publish({ type: 'group_changed', content: { id, version: Number(row?.name) } });
            tx.publish({ type: 'noise', content: {} });
            if (turn % 5 === 4) throw new Error('rolled back');
          });
          await write.then(
            () => {
              committed += 1;
            },
            () => {},
          );
        }
      }),
    );
    expect(committed).toBe(writers * turns * 0.8);
    await until(async () => (await wholeLog(one)).length === committed * 2);
    await pause(100);
    const log = await wholeLog(one);
    expect(positionsOf(log)).toEqual(upTo(committed * 2));
    for (const id of groups) {
      const versions = log.filter(({ content }) => content.id === id).map(({ content }) => content.version);
      expect(versions).toEqual(Array.from({ length: versions.length }, (_, index) => index + 1));
    }
    expect(positionsOf(events).sort((a, b) => Number(a - b))).toEqual(upTo(committed * 2));
    await Promise.all(relays.map((relay) => relay.close()));
    await Promise.all([one.close(), other.close()]);
  });

  test('one relay works; another takes over when it is closed, and both survive the server', async () => {
    const url = await server.createDatabase();
    const buses = [createLocalBus(), createLocalBus()] as const;
    const databases = await Promise.all(
      buses.map((bus) =>
        openDatabase({ databaseUrl: url, dataDir: '', log: silent, onCommitWithEvents: () => bus.wake() }),
      ),
    );
    const arrived = buses.map(received);
    const relays = databases.map((database, index) =>
      startRelay({ database, bus: buses[index] ?? createLocalBus(), log: silent, pollMs: 50 }),
    );
    const relayed = () => arrived.flat().length;
    const write = () =>
      databases[0]?.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: {} }));
    await write();
    await until(() => relayed() === 1);
    const worker = arrived[0]?.length === 1 ? 0 : 1;

    await relays[worker]?.close();
    await write();
    await until(() => relayed() === 2);
    expect(arrived[1 - worker]).toHaveLength(1);

    await server.crash();
    await pause(200);
    await server.restart();
    await until(
      () =>
        write()?.then(
          () => true,
          () => false,
        ) ?? false,
    );
    await until(() => relayed() === 3);
    expect(positionsOf(await wholeLog(databases[0] as OpenDatabase))).toEqual(upTo(3));
    await Promise.all(relays.map((relay) => relay.close()));
    await Promise.all(databases.map((database) => database.close()));
  });
});
