// What becomes of a queued job: it runs soon, once, again when it fails, and is kept and told of when it fails for good.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { recordingLog } from '../../tests/support/recording-log.ts';
import type { OpenDatabase } from '../database/open-database.ts';
import type { JsonObject } from '../events/event.ts';
import { declareQueues } from './declare-queues.ts';
import type { JobAttempt, JobHandlers } from './job.ts';
import { type Jobs, type JobsOptions, startJobs } from './start-jobs.ts';

const service = 'users';

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it does not come about');
    await pause(10);
  }
}

/** Keeps what is logged, as text. */
/** A job that only notes the attempts at it. */
function counted() {
  const runs: number[] = [];
  const run = async (_: JsonObject, { number }: JobAttempt): Promise<void> => {
    runs.push(number);
  };
  return { runs, run };
}

type Run = JobAttempt & { readonly data: JsonObject; readonly at: number };

/** Started jobs on a database, closed after the test. */
interface Fixture {
  readonly database: OpenDatabase;
  readonly log: ReturnType<typeof recordingLog>;
  start(jobs: JobHandlers, options?: Partial<JobsOptions>): Promise<Jobs>;
  enqueue(job: string, ...data: readonly JsonObject[]): Promise<void>;
}

const rows = ({ database }: Fixture) =>
  database.connection.query<{ name: string; state: string; data: JsonObject }>(
    'SELECT name, state, data FROM pgboss.job ORDER BY name',
  );

function suite(open: () => Promise<OpenDatabase>): void {
  let fixture: Fixture;
  const started: Jobs[] = [];
  beforeEach(async () => {
    const database = await open();
    const log = recordingLog();
    fixture = {
      database,
      log,
      async start(jobs, options = {}) {
        const services = new Map([[service, jobs]]);
        await declareQueues(database.connection, { services });
        const running = await startJobs({ database, services, log, pollMs: 60_000, ...options });
        started.push(running);
        return running;
      },
      enqueue: (job, ...all) =>
        database.forService(service).write(async (tx) => {
          for (const data of all) tx.enqueue({ job, data });
        }),
    };
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((jobs) => jobs.close()));
    await fixture?.database.close();
  });

  test('a job that fails runs again later, with a longer pause each time, and leaves nothing when it is done', async () => {
    const runs: Run[] = [];
    const run = async (data: JsonObject, attempt: JobAttempt) => {
      runs.push({ ...attempt, data, at: Date.now() });
      if (attempt.number < 3) throw new Error('not yet');
    };
    await fixture.start({ sendMail: { run, retryDelay: 1 } }, { pollMs: 100 });
    await fixture.enqueue('sendMail', { to: 'somebody' });
    await until(async () => runs.length === 3 && (await rows(fixture)).length === 0);
    const [first, second, third] = runs.map(({ at }) => at) as [number, number, number];
    expect(second - first).toBeGreaterThan(900);
    expect(third - second).toBeGreaterThan(1_900);
    expect(runs.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(fixture.log.lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  test('a job that fails for good is kept as a dead letter and logged, without anything of its data', async () => {
    const run = async ({ to }: JsonObject) => {
      throw Object.assign(new Error(`no such mailbox: ${to}`), { code: 'EENVELOPE' });
    };
    await fixture.start({ sendMail: { run, retries: 1, retryDelay: 1 } }, { pollMs: 100 });
    await fixture.enqueue('sendMail', { to: 'ada@example.org' });
    await until(async () => (await rows(fixture)).some(({ name }) => name === 'users.sendMail.failed'));
    expect(await rows(fixture)).toEqual([
      { name: 'users.sendMail', state: 'failed', data: { to: 'ada@example.org' } },
      { name: 'users.sendMail.failed', state: 'created', data: { to: 'ada@example.org' } },
    ]);
    const [warning, error, ...more] = fixture.log.lines;
    expect(more).toEqual([]);
    expect(warning).toEqual({ level: 'warn', text: expect.stringContaining('"attempt":1') });
    expect(error).toEqual({
      level: 'error',
      text: expect.stringMatching(/failed for good.*users\.sendMail.*EENVELOPE/),
    });
    expect(JSON.stringify(fixture.log.lines)).not.toContain('ada');
  });

  test('a job that takes longer than its time counts as failed', async () => {
    const attempts: number[] = [];
    const run = async (_: JsonObject, { number }: JobAttempt) => {
      attempts.push(number);
      if (number === 1) await pause(60_000, undefined, { ref: false });
    };
    await fixture.start({ sendMail: { run, timeout: 1, retryDelay: 1 } }, { pollMs: 100 });
    await fixture.enqueue('sendMail', {});
    await until(async () => attempts.length === 2 && (await rows(fixture)).length === 0);
  });

  test('closing waits for a job that runs; one that does not end in time runs again later', async () => {
    const ended: unknown[] = [];
    const run = async ({ ms }: JsonObject) => {
      await pause(Number(ms), undefined, { ref: false });
      ended.push(ms);
    };
    const jobs = await fixture.start({ sendMail: { run } }, { closeMs: 1_000 });
    await fixture.enqueue('sendMail', { ms: 300 }, { ms: 60_000 });
    await until(async () => (await rows(fixture)).filter(({ state }) => state === 'active').length === 2);
    await pause(50);
    await jobs.close();
    expect(ended).toEqual([300]);
    expect(await rows(fixture)).toEqual([{ name: 'users.sendMail', state: 'retry', data: { ms: 60_000 } }]);
  });

  test('a closed worker takes no more jobs', async () => {
    const { runs, run } = counted();
    const jobs = await fixture.start({ sendMail: { run } }, { pollMs: 10 });
    await jobs.close();
    await fixture.enqueue('sendMail', {});
    await pause(100);
    expect(runs).toEqual([]);
    expect(await rows(fixture)).toHaveLength(1);
  });

  test('no more of them run at once than allowed, and another kind of job does not wait for them', async () => {
    let running = 0;
    let most = 0;
    const slow = async () => {
      running += 1;
      most = Math.max(most, running);
      await pause(50);
      running -= 1;
    };
    const quick = counted();
    await fixture.start({ slow: { run: slow, concurrency: 2 }, quick: { run: quick.run } });
    await fixture.enqueue('slow', ...Array.from({ length: 10 }, () => ({})));
    await until(() => running === 2);
    await fixture.enqueue('quick', {});
    await until(() => quick.runs.length === 1);
    expect(running).toBeGreaterThan(0);
    await until(async () => (await rows(fixture)).length === 0);
    expect(most).toBe(2);
  });

  test('a job waits for its time', async () => {
    const runs: number[] = [];
    const run = async () => {
      runs.push(Date.now());
    };
    await fixture.start({ remind: { run } }, { pollMs: 50 });
    const startAfter = new Date(Date.now() + 1_000);
    await fixture.database.forService(service).write(async (tx) => tx.enqueue({ job: 'remind', data: {}, startAfter }));
    await until(() => runs.length === 1);
    expect(runs[0]).toBeGreaterThanOrEqual(startAfter.getTime());
  });

  test('a job that nobody tells of is found soon', async () => {
    const { runs, run } = counted();
    const database = { ...fixture.database, onJobs: () => () => {} };
    await fixture.start({ sendMail: { run } }, { pollMs: 50, database });
    await fixture.enqueue('sendMail', {});
    await until(() => runs.length === 1);
  });

  test('a scheduled job runs once for each time, however many processes there are, until its schedule is taken away', async () => {
    // Due in this minute; not in the last seconds of it, so that the next one does not come in between.
    while (new Date().getUTCSeconds() > 50) await pause(100);
    const cron = `${new Date().getUTCMinutes()} * * * *`;
    const runs: JsonObject[] = [];
    const run = async (data: JsonObject) => {
      runs.push(data);
    };
    const sweep = { run, cron };
    const upkeep = { cronWorkerIntervalSeconds: 1, cronMonitorIntervalSeconds: 1 };
    await Promise.all([1, 2, 3].map(() => fixture.start({ sweep }, { pollMs: 100, upkeep })));
    await until(() => runs.length > 0);
    await pause(3_000);
    expect(runs).toEqual([{}]);

    await declareQueues(fixture.database.connection, { services: new Map([['auth', {}]]) });
    expect(await fixture.database.connection.query('SELECT name FROM pgboss.schedule')).toHaveLength(1);
    await declareQueues(fixture.database.connection, { services: new Map([[service, {}]]) });
    expect(await fixture.database.connection.query('SELECT name FROM pgboss.schedule')).toEqual([]);
  });

  test('a job runs at once after the transaction, without waiting for the next look', async () => {
    const runs: Run[] = [];
    const run = async (data: JsonObject, attempt: JobAttempt) => {
      runs.push({ ...attempt, data, at: Date.now() });
    };
    await fixture.start({ sendMail: { run, concurrency: 1 } });
    await pause(100);
    for (let turn = 1; turn <= 5; turn += 1) {
      await fixture.enqueue('sendMail', { turn, place: 1 }, { turn, place: 2 });
      await until(() => runs.length === 2 * turn);
    }
    expect(runs.map(({ data }) => [data.turn, data.place])).toEqual(
      [1, 2, 3, 4, 5].flatMap((turn) => [
        [turn, 1],
        [turn, 2],
      ]),
    );
    await until(async () => (await rows(fixture)).length === 0);
    expect(fixture.log.lines).toEqual([]);
  });
}

describe('on the embedded database', () => {
  suite(() => startTestDatabase());

  test('a job that was cut off by the end of its process runs again at once, as its next attempt', async () => {
    const database = await startTestDatabase();
    const { runs, run } = counted();
    const services = new Map([[service, { sendMail: { run, retryDelay: 1 } }]]);
    await declareQueues(database.connection, { services });
    await database.forService(service).write(async (tx) => tx.enqueue({ job: 'sendMail', data: {} }));
    await database.connection.query(`UPDATE pgboss.job SET state = 'active', started_on = now()`);
    const jobs = await startJobs({ database, services, log: recordingLog(), pollMs: 50 });
    await until(() => runs.length === 1);
    expect(runs).toEqual([2]);
    await jobs.close();
    await database.close();
  });
});

describeOnServers('on a PostgreSQL server', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  const open = async () => startTestDatabase({ databaseUrl: await server.createDatabase() });
  suite(open);

  test('two processes share the jobs: each job runs once', async () => {
    const databaseUrl = await server.createDatabase();
    const databases = await Promise.all([startTestDatabase({ databaseUrl }), startTestDatabase({ databaseUrl })]);
    const runs = databases.map((): unknown[] => []);
    const log = recordingLog();
    const workers = await Promise.all(
      databases.map(async (database, index) => {
        const run = async ({ number }: JsonObject) => {
          runs[index]?.push(number);
          await pause(5);
        };
        const services = new Map([[service, { sendMail: { run } }]]);
        await declareQueues(database.connection, { services });
        return startJobs({ database, services, log, pollMs: 50 });
      }),
    );
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    await databases[0]?.forService(service).write(async (tx) => {
      for (const number of numbers) tx.enqueue({ job: 'sendMail', data: { number } });
    });
    await until(() => runs.flat().length >= 100);
    await Promise.all(workers.map((worker) => worker.close()));
    expect(runs.flat().sort((a, b) => Number(a) - Number(b))).toEqual(numbers);
    for (const some of runs) expect(some.length).toBeGreaterThan(10);
    expect(log.lines).toEqual([]);
    await Promise.all(databases.map((database) => database.close()));
  });

  test('a job of a process that is gone runs again in another one when its time is over', async () => {
    const database = await open();
    const { runs, run } = counted();
    const services = new Map([[service, { sendMail: { run, timeout: 1, retryDelay: 1 } }]]);
    await declareQueues(database.connection, { services });
    await database.forService(service).write(async (tx) => tx.enqueue({ job: 'sendMail', data: {} }));
    await database.connection.query(`UPDATE pgboss.job SET state = 'active', started_on = now()`);
    const upkeep = { maintenanceIntervalSeconds: 1 };
    const jobs = await startJobs({ database, services, log: recordingLog(), pollMs: 50, upkeep });
    await until(() => runs.length === 1);
    expect(runs).toEqual([2]);
    await jobs.close();
    await database.close();
  });

  test('a database that goes away ends no process, and no job: work goes on when it is back', async () => {
    const database = await open();
    const log = recordingLog();
    const ended: unknown[] = [];
    const run = async ({ ms }: JsonObject) => {
      await pause(Number(ms));
      ended.push(ms);
    };
    const sweep = { run: async () => {}, cron: '* * * * *' };
    const services = new Map([[service, { sendMail: { run }, sweep }]]);
    await declareQueues(database.connection, { services });
    const upkeep = { maintenanceIntervalSeconds: 1, cronWorkerIntervalSeconds: 1, cronMonitorIntervalSeconds: 1 };
    const jobs = await startJobs({ database, services, log, pollMs: 50, upkeep });
    const enqueue = (data: JsonObject) =>
      database.forService(service).write(async (tx) => tx.enqueue({ job: 'sendMail', data }));
    await enqueue({ ms: 500 });
    await pause(200);
    await server.crash();
    await pause(2_000);
    await server.restart();
    await until(() =>
      enqueue({ ms: 1 }).then(
        () => true,
        () => false,
      ),
    );
    await until(() => ended.length === 2);
    expect(ended).toEqual([500, 1]);
    await until(async () => {
      const left = await database.connection.query(`SELECT FROM pgboss.job WHERE name = 'users.sendMail'`);
      return left.length === 0;
    });
    await jobs.close();
    await database.close();
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(log.lines.some(({ text }) => text.startsWith('jobs are run again'))).toBe(true);
  });
});
