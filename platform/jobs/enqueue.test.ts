// A job is queued by the transaction of the change that causes it, and by no other.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import type { OpenDatabase } from '../database/open-database.ts';
import { newId } from '../ids.ts';
import { declareQueues } from './declare-queues.ts';
import type { JobHandler, NewJob } from './job.ts';

const handler: JobHandler = { run: async () => {} };
const inASecond = () => new Date(Date.now() + 1_000);

interface Row {
  readonly name: string;
  readonly data: unknown;
  readonly startAfter: Date;
}

function queued({ connection }: OpenDatabase): Promise<Row[]> {
  return connection.query(`SELECT name, data, start_after AS "startAfter" FROM pgboss.job ORDER BY created_on, id`);
}

function suite(open: () => Promise<OpenDatabase>): void {
  let database: OpenDatabase;
  beforeAll(async () => {
    database = await open();
    const services = new Map([['users', { sendMail: handler, sweep: handler }]]);
    await declareQueues(database.connection, { services });
  });
  afterAll(() => database?.close());
  const write = (...jobs: readonly NewJob[]) =>
    database.forService('users').write(async (tx) => {
      for (const job of jobs) tx.enqueue(job);
    });

  test('a transaction that is rolled back queues nothing, and tells nobody', async () => {
    let told = 0;
    const stop = database.onJobs(() => {
      told += 1;
    });
    const write = database.forService('users').write(async (tx) => {
      tx.enqueue({ job: 'sendMail', data: {} });
      throw new Error('rolled back');
    });
    await expect(write).rejects.toThrow('rolled back');
    expect(await queued(database)).toEqual([]);
    expect(told).toBe(0);
    stop();
  });

  test('a job that the service does not have, or another has, is refused with all of its transaction', async () => {
    const users = database.forService<'group'>('users');
    const id = newId();
    const broken = users.write(async (tx) => {
      await tx.db.group.create({ data: { id, name: 'name', description: '' } });
      tx.enqueue({ job: 'sendMail', data: {} });
      tx.enqueue({ job: 'sendLetter', data: {} });
    });
    await expect(broken).rejects.toThrow('users queues a job that is not among its jobs');
    const other = database.forService('auth').write(async (tx) => tx.enqueue({ job: 'sendMail', data: {} }));
    await expect(other).rejects.toThrow('auth queues a job');
    expect(await users.db.group.findUnique({ where: { id } })).toBeNull();
    expect(await queued(database)).toEqual([]);
  });

  test('after its transaction nothing can be queued any more', async () => {
    const kept = await database.forService('users').write(async (tx) => tx);
    expect(() => kept.enqueue({ job: 'sendMail', data: {} })).toThrow('sendMail is queued after its transaction');
  });

  test('jobs are queued with the change and its events, in their order, with their data and their time', async () => {
    let told = 0;
    const stop = database.onJobs(() => {
      told += 1;
    });
    const data = { text: `'"\\ ü 😀\n$1`, list: [1, null, { deep: true }], 'odd key': 1.5 };
    const later = inASecond();
    await write(
      { job: 'sendMail', data },
      { job: 'sweep', data: {}, startAfter: later },
      ...Array.from({ length: 20 }, (_, number) => ({ job: 'sendMail', data: { number } })),
    );
    const rows = await queued(database);
    expect(rows.slice(0, 2)).toEqual([
      { name: 'users.sendMail', data, startAfter: expect.any(Date) },
      { name: 'users.sweep', data: {}, startAfter: later },
    ]);
    expect(rows.slice(2).map((row) => row.data)).toEqual(Array.from({ length: 20 }, (_, number) => ({ number })));
    expect(told).toBe(1);
    stop();
  });

  test('what is declared again stays as it is, and changed settings arrive', async () => {
    const before = (await queued(database)).length;
    const services = new Map([['users', { sendMail: { ...handler, retries: 3, timeout: 7 }, sweep: handler }]]);
    await declareQueues(database.connection, { services });
    await write({ job: 'sendMail', data: {} });
    const [row] = await database.connection.query(
      `SELECT retry_limit AS retries, EXTRACT(epoch FROM expire_in)::int AS timeout, dead_letter AS "deadLetter"
       FROM pgboss.job ORDER BY created_on DESC, id DESC LIMIT 1`,
    );
    expect(row).toEqual({ retries: 3, timeout: 7, deadLetter: 'users.sendMail.failed' });
    expect(await queued(database)).toHaveLength(before + 1);
  });
}

describe('on the embedded database', () => suite(() => startTestDatabase()));

describeOnServers('on a PostgreSQL server', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ settings: { timezone: 'Asia/Tokyo' } });
  });
  afterAll(() => server?.stop());
  suite(async () => startTestDatabase({ databaseUrl: await server.createDatabase() }));

  test('many processes that start at once make each queue once', async () => {
    const databaseUrl = await server.createDatabase();
    const services = (names: readonly string[]) =>
      new Map(names.map((name) => [name, { one: handler, other: { ...handler, cron: '0 3 * * *' } }]));
    await Promise.all(
      [['users', 'auth'], ['auth', 'users'], ['users'], ['auth']].map(async (names) => {
        const database = await startTestDatabase({ databaseUrl });
        await declareQueues(database.connection, { services: services(names) });
        await database.close();
      }),
    );
    const database = await startTestDatabase({ databaseUrl });
    const queues = await database.connection.query<{ name: string }>('SELECT name FROM pgboss.queue');
    expect(queues).toHaveLength(9);
    await database.close();
  });
});
