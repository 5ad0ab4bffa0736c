// The jobs of a process: its worker, and pg-boss's upkeep beside it (time limits, archive, schedules).
import PgBoss from 'pg-boss';
import type { OpenDatabase } from '../database/open-database.ts';
import type { SqlConnection } from '../database/sql-connection.ts';
import { bossSql } from './boss-sql.ts';
import { type JobHandler, type JobHandlers, queueName } from './job.ts';
import { type JobWorkerOptions, startJobWorker } from './job-worker.ts';
import { patientSql } from './patient-sql.ts';

export interface JobsOptions extends Pick<JobWorkerOptions, 'log' | 'pollMs' | 'closeMs'> {
  readonly database: Pick<OpenDatabase, 'connection' | 'onJobs'>;
  /** Service → its jobs; their queues are declared (declare-queues.ts). */
  readonly services: ReadonlyMap<string, JobHandlers>;
  readonly upkeep?: Partial<typeof upkeep>;
}

export interface Jobs {
  close(): Promise<void>;
}

/** Seconds. pg-boss skips a turn that comes a moment too early, so each may take twice as long. */
const upkeep = {
  maintenanceIntervalSeconds: 30,
  cronMonitorIntervalSeconds: 20,
  cronWorkerIntervalSeconds: 20,
  clockMonitorIntervalSeconds: 600,
  archiveCompletedAfterSeconds: 3_600,
  deleteAfterSeconds: 86_400,
};

/** Where no other process can leave a job behind, upkeep only clears up. */
const upkeepAlone = { ...upkeep, maintenanceIntervalSeconds: 600 };

export async function startJobs({ services, ...options }: JobsOptions): Promise<Jobs> {
  const handlers = new Map<string, JobHandler>(
    [...services].flatMap(([service, jobs]) =>
      Object.entries(jobs).map(([job, handler]) => [queueName(service, job), handler] as const),
    ),
  );
  if (handlers.size === 0) return { close: async () => {} };
  const { database, log } = options;
  const closing = new AbortController();
  const sql = patientSql(bossSql(database.connection), { log, signal: closing.signal });
  const schedule = [...handlers.values()].some(({ cron }) => cron !== undefined);
  const { exclusive } = database.connection;
  const intervals = { ...(exclusive ? upkeepAlone : upkeep), ...options.upkeep };
  const boss = new PgBoss({ db: sql, schedule, ...intervals });
  boss.on('error', (error) => log.warn({ err: error }, 'the upkeep of jobs failed; it goes on'));
  if (exclusive && (await failCutOff(database.connection, boss))) {
    log.warn({}, 'jobs were cut off when the process ended before; they run again');
  }
  await boss.start();
  const worker = startJobWorker({ ...options, handlers });
  return {
    async close() {
      await worker.close();
      closing.abort();
      await boss.stop({ graceful: false });
      await sql.idle();
    },
  };
}

/**
 * Jobs that were running when the process ended: on a database that no other process can use they need not wait
 * until their time is over. They count as failed, so that a job that ends its process does not do so for ever.
 */
async function failCutOff(connection: SqlConnection, boss: PgBoss): Promise<boolean> {
  const cutOff = await connection.query(`SELECT FROM pgboss.job WHERE state = 'active' LIMIT 1`);
  if (cutOff.length === 0) return false;
  await connection.query(`UPDATE pgboss.job SET started_on = started_on - expire_in WHERE state = 'active'`);
  await boss.expire();
  return true;
}
