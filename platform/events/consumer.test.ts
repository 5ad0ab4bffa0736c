// Handlers get every event of theirs, in order, from where the service stopped: none lost, none twice without a crash.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { recordingLog } from '../../tests/support/recording-log.ts';
import type { OpenDatabase } from '../database/open-database.ts';
import type { EventBus } from './bus.ts';
import type { Consumer } from './consumer.ts';
import type { EventHandlers, LogEvent } from './event.ts';
import { createLocalBus } from './local-bus.ts';
import { type Relay, startRelay } from './relay.ts';
import { beginSegment, dropSegment, readLogState, type Segment } from './segments.ts';
import { type ConsumersOptions, startConsumers } from './start-consumers.ts';

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it does not come about');
    await pause(10);
  }
}

/** Keeps what is logged, as text. */
const publish = (database: OpenDatabase, type: string, ...numbers: readonly number[]) =>
  database.forService('data').write(async (tx) => {
    for (const number of numbers) tx.publish({ type, content: { number } });
  });

const numbersOf = (events: readonly LogEvent[]) => events.map(({ content }) => content.number);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const head = async ({ connection }: OpenDatabase) => (await readLogState(connection)).head;

async function oldestSegment({ connection }: OpenDatabase): Promise<Segment> {
  const [oldest] = (await readLogState(connection)).segments;
  if (oldest === undefined) throw new Error('The log has no segments');
  return oldest;
}

async function savedPosition({ connection }: OpenDatabase, service = 'users'): Promise<number | undefined> {
  const [row] = await connection.query<{ position: string }>(
    'SELECT position::text AS position FROM events.consumers WHERE service = $1',
    [service],
  );
  return row === undefined ? undefined : Number(row.position);
}

function suite(open: () => Promise<{ database: OpenDatabase; bus: EventBus }>): void {
  let database: OpenDatabase;
  let bus: EventBus;
  let relay: Relay;
  let log: ReturnType<typeof recordingLog>;
  const started: Consumer[] = [];
  beforeEach(async () => {
    ({ database, bus } = await open());
    log = recordingLog();
    relay = startRelay({ database, bus, log, pollMs: 50 });
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((consumer) => consumer.close()));
    await relay.close();
    await database.close();
  });
  const start = (handlers: EventHandlers, options: Partial<ConsumersOptions> = {}): Consumer => {
    const services = new Map([['users', handlers]]);
    const consumers = startConsumers({ database, bus, services, log, pollMs: 50, retryMs: 10, ...options });
    started.push(consumers);
    return consumers;
  };
  /** A handler that only keeps what it gets. */
  const keeping = (events: LogEvent[]) => async (event: LogEvent) => {
    events.push(event);
  };

  test('an event that cannot be handled is tried again, and later ones wait for it; the log tells it now and then', async () => {
    const handled: LogEvent[] = [];
    let attempts = 0;
    const handler = async (event: LogEvent) => {
      if (event.content.number === 2) {
        attempts += 1;
        if (attempts < 6) throw new Error('the mailbox of ada@example.org is full');
      }
      handled.push(event);
    };
    start({ user_created: handler });
    await publish(database, 'user_created', 1, 2, 3);
    await until(() => handled.length === 3);
    expect(numbersOf(handled)).toEqual([1, 2, 3]);
    expect(attempts).toBe(6);
    const told = log.lines.map(({ level, text }) => [level, /"attempt":(\d+)/.exec(text)?.[1]]);
    expect(told).toEqual([
      ['error', '1'],
      ['error', '2'],
      ['error', '4'],
    ]);
    expect(JSON.stringify(log.lines)).not.toContain('ada');
  });

  test('an event whose handling was cut off is handled again by the next one, and what was handled is not', async () => {
    const first: LogEvent[] = [];
    const cutOff = async (event: LogEvent) => {
      first.push(event);
      if (event.content.number === 3) throw new Error('cut off');
    };
    const consumer = start({ user_created: cutOff }, { retryMs: 60_000 });
    await publish(database, 'user_created', 1, 2, 3, 4);
    await until(() => first.length === 3);
    await consumer.close();
    const second: LogEvent[] = [];
    start({ user_created: keeping(second) });
    await until(() => second.length === 2);
    await publish(database, 'user_created', 5);
    await until(() => second.length === 3);
    expect(numbersOf(second)).toEqual([3, 4, 5]);
  });

  test('closing waits for the event that is being handled, and takes no further one', async () => {
    const handled: LogEvent[] = [];
    let began = 0;
    const handler = async (event: LogEvent) => {
      began += 1;
      await pause(200);
      handled.push(event);
    };
    const consumer = start({ user_created: handler });
    await publish(database, 'user_created', 1, 2);
    await until(() => began === 1);
    await consumer.close();
    expect(numbersOf(handled)).toEqual([1]);
    expect(began).toBe(1);
    expect(await savedPosition(database)).toBe(1);
  });

  test('nothing is written for events that the service does not want, but now and then', async () => {
    const handled: LogEvent[] = [];
    start({ user_created: keeping(handled) });
    await publish(database, 'noise', ...range(1, 500));
    await publish(database, 'user_created', 1);
    await until(() => handled.length === 1);
    await until(async () => (await savedPosition(database)) === 501);
    await publish(database, 'noise', ...range(1, 900));
    await pause(300);
    expect(await savedPosition(database)).toBe(501);
    await publish(database, 'noise', ...range(1, 300));
    await until(async () => Number(await savedPosition(database)) >= 1_501);
    expect(log.lines).toEqual([]);
  });

  test('what a service does not want is noted after a while, so that it needs no old events', async () => {
    const handled: LogEvent[] = [];
    start({ user_created: keeping(handled) }, { unsavedMs: 50 });
    await publish(database, 'user_created', 1);
    await publish(database, 'noise', ...range(1, 7));
    await until(async () => (await savedPosition(database)) === 8);
    expect(numbersOf(handled)).toEqual([1]);
  });

  test('a log that no longer has what was not handled is told of, and handled from where it begins', async () => {
    const handled: LogEvent[] = [];
    const consumer = start({ user_created: keeping(handled) });
    await publish(database, 'user_created', 1);
    await until(async () => (await savedPosition(database)) === 1);
    await consumer.close();
    await publish(database, 'user_created', ...range(2, 5));
    // The service is at 1, what is kept begins at 6.
    await until(async () => (await head(database)) === 5n);
    await beginSegment(database.connection, new Date(), () => true);
    await publish(database, 'user_created', ...range(6, 9));
    await until(async () => (await head(database)) === 9n);
    await dropSegment(database.connection, await oldestSegment(database));
    start({ user_created: keeping(handled) });
    await until(() => handled.length === 5);
    expect(numbersOf(handled)).toEqual([1, 6, 7, 8, 9]);
    expect(log.lines).toEqual([{ level: 'error', text: expect.stringContaining('the log lacks events') }]);
  });

  test('a new service starts where the log begins, and gets its own types only, in order', async () => {
    await publish(database, 'user_created', 1);
    await publish(database, 'noise', 2);
    await publish(database, 'user_deleted', 3);
    const handled: LogEvent[] = [];
    start({ user_created: keeping(handled), user_deleted: keeping(handled) });
    await until(() => handled.length === 2);
    await publish(database, 'user_deleted', 4);
    await publish(database, 'user_created', 5);
    await until(() => handled.length === 4);
    expect(numbersOf(handled)).toEqual([1, 3, 4, 5]);
  });

  test('each service has its own place', async () => {
    const [users, auth]: [LogEvent[], LogEvent[]] = [[], []];
    let authWorks = false;
    const services = new Map<string, EventHandlers>([
      ['users', { changed: keeping(users) }],
      [
        'auth',
        {
          changed: async (event) => {
            if (!authWorks) throw new Error('not yet');
            auth.push(event);
          },
        },
      ],
      ['data', {}],
    ]);
    start({}, { services });
    await publish(database, 'changed', ...range(1, 20));
    await until(() => users.length === 20);
    expect(auth).toEqual([]);
    authWorks = true;
    await until(() => auth.length === 20);
    expect(numbersOf(auth)).toEqual(range(1, 20));
    expect(await database.connection.query('SELECT FROM events.consumers')).toHaveLength(2);
  });
}

describe('on the embedded database', () => {
  suite(async () => {
    const bus = createLocalBus();
    return { bus, database: await startTestDatabase({ onCommitWithEvents: () => bus.wake() }) };
  });
});

describeOnServers('on a PostgreSQL server', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  const open = async (databaseUrl: string) => {
    const bus = createLocalBus({ onlyProcess: false });
    return { bus, database: await startTestDatabase({ databaseUrl, onCommitWithEvents: () => bus.wake() }) };
  };
  suite(async () => open(await server.createDatabase()));

  test('of two processes one handles, in order; the other goes on where it stopped, also when the server was away', async () => {
    const url = await server.createDatabase();
    const processes = await Promise.all([open(url), open(url)]);
    const log = recordingLog();
    const handled = processes.map((): LogEvent[] => []);
    const [one, other] = processes.map(({ database, bus }, index) => {
      const handlers = {
        changed: async (event: LogEvent) => {
          await pause(5);
          handled[index]?.push(event);
        },
      };
      // Their buses are not joined: what the other process relays, this one finds in the log only.
      const relay = startRelay({ database, bus, log, pollMs: 50 });
      const consumers = startConsumers({ database, bus, services: new Map([['users', handlers]]), log, pollMs: 50 });
      return { relay, consumers };
    });
    const write = (number: number) => publish(processes[number % 2]?.database as OpenDatabase, 'changed', number);
    for (const number of range(1, 50)) await write(number);
    await until(() => handled.flat().length === 50);
    const worker = handled[0]?.length === 50 ? 0 : 1;
    expect(numbersOf(handled[worker] ?? [])).toEqual(range(1, 50));

    await (worker === 0 ? one : other)?.consumers.close();
    for (const number of range(51, 80)) await write(number);
    await until(() => handled.flat().length === 80);
    expect(numbersOf(handled[1 - worker] ?? [])).toEqual(range(51, 80));
    // What is handled and not yet noted would be handled again.
    const idle = processes[0]?.database as OpenDatabase;
    await until(async () => (await savedPosition(idle)) === 80);

    await server.crash();
    await pause(300);
    await server.restart();
    await until(() =>
      write(81).then(
        () => true,
        () => false,
      ),
    );
    await until(() => handled.flat().length === 81);
    expect(numbersOf(handled[1 - worker] ?? [])).toEqual(range(51, 81));
    for (const part of [one, other]) {
      await part?.consumers.close();
      await part?.relay.close();
    }
    await Promise.all(processes.map(({ database }) => database.close()));
  });
});
