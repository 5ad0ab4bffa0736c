// Runs queued jobs when a test says so: in order, without timers, by the test's clock, and without second attempts.
import type { OpenDatabase } from '../../platform/database/open-database.ts';
import type { JsonObject } from '../../platform/events/event.ts';
import { type JobHandler, type JobHandlers, queueName } from '../../platform/jobs/job.ts';

export interface QueuedJob {
  readonly service: string;
  readonly job: string;
  readonly data: JsonObject;
  /** Undefined for a job that may run at once. */
  readonly startAfter: Date | undefined;
}

export interface TestJobs {
  /** What waits, in the order in which it was queued. */
  queued(): Promise<readonly QueuedJob[]>;
  /** Runs what is due until nothing is left, and returns how many that were. A job that fails throws, and stays queued. */
  runDue(): Promise<number>;
  /** Runs one job at once, as its schedule would. */
  run(service: string, job: string, data?: JsonObject): Promise<void>;
}

interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly data: JsonObject;
  readonly attempt: number;
  readonly startAfter: Date | null;
}

export function testJobs(
  { connection }: OpenDatabase,
  services: ReadonlyMap<string, JobHandlers>,
  now: () => number,
): TestJobs {
  const handlers = new Map<string, JobHandler>(
    [...services].flatMap(([service, jobs]) =>
      Object.entries(jobs).map(([job, handler]) => [queueName(service, job), handler] as const),
    ),
  );
  // What was queued without a time starts at the database's own time; the rest goes by the test's clock.
  const waiting = () =>
    connection.query<JobRow>(
      `SELECT id, name, data, retry_count + 1 AS attempt, NULLIF(start_after, created_on) AS "startAfter"
       FROM pgboss.job WHERE name = ANY($1) AND state < 'active' ORDER BY created_on, id`,
      [[...handlers.keys()]],
    );
  const isDue = ({ startAfter }: JobRow) => startAfter === null || startAfter.getTime() <= now();

  async function runOne({ id, name, data, attempt }: JobRow): Promise<void> {
    await connection.query('UPDATE pgboss.job SET retry_count = $2 WHERE id = $1', [id, attempt]);
    await handlers.get(name)?.run(data, { id, number: attempt });
    await connection.query('DELETE FROM pgboss.job WHERE id = $1', [id]);
  }

  return {
    queued: async () =>
      (await waiting()).map(({ name, data, startAfter }) => {
        const [service = '', job = ''] = name.split('.');
        return { service, job, data, startAfter: startAfter ?? undefined };
      }),
    async runDue() {
      for (let count = 0; ; count += 1) {
        const next = (await waiting()).find(isDue);
        if (next === undefined) return count;
        await runOne(next);
      }
    },
    async run(service, job, data = {}) {
      const handler = handlers.get(queueName(service, job));
      if (handler === undefined) throw new Error(`${service} has no job ${job}`);
      await handler.run(data, { id: 'by hand', number: 1 });
    },
  };
}
