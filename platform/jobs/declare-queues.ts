// Makes the queues and schedules that the services of this process need, and brings changed ones up to date.
import PgBoss from 'pg-boss';
import type { SqlConnection } from '../database/sql-connection.ts';
import { bossSqlIn } from './boss-sql.ts';
import { type JobHandler, type JobHandlers, queueName } from './job.ts';

export interface QueueDeclarations {
  /** Service → its jobs. */
  readonly services: ReadonlyMap<string, JobHandlers>;
  /** Whether what fails for good is kept in a queue of its own, `<service>.<job>.failed`; true unless told. */
  readonly deadLetters?: boolean;
}

type Settings = Required<Pick<PgBoss.Queue, 'retryLimit' | 'retryDelay' | 'retryBackoff' | 'expireInSeconds'>> &
  Pick<PgBoss.Queue, 'deadLetter'>;

/** pg-boss makes it when schedules start. Made here, it is made under the lock. */
const scheduleQueue = '__pgboss__send-it';

/**
 * Must have run before a job is queued. One process at a time: making a queue locks pg-boss's tables, and two at once
 * would wait for each other until PostgreSQL ends one of them.
 */
export async function declareQueues(
  connection: SqlConnection,
  { services, deadLetters = true }: QueueDeclarations,
): Promise<void> {
  if (services.size === 0) return;
  await connection.transaction(async (transaction) => {
    await transaction.query(`SELECT pg_advisory_xact_lock(hashtextextended('caregraph:queues', 0))`);
    const boss = new PgBoss({ db: bossSqlIn(transaction) });
    const known = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
    const jobs = [...services].flatMap(([service, handlers]) =>
      Object.entries(handlers).map(([job, handler]) => ({ name: queueName(service, job), handler })),
    );
    if (jobs.some(({ handler }) => handler.cron !== undefined) && !known.has(scheduleQueue)) {
      await boss.createQueue(scheduleQueue);
    }
    for (const { name, handler } of jobs) {
      const deadLetter = `${name}.failed`;
      if (deadLetters && !known.has(deadLetter)) await boss.createQueue(deadLetter);
      const settings = { ...settingsOf(handler), ...(deadLetters ? { deadLetter } : {}) };
      const queue = known.get(name);
      if (queue === undefined) await boss.createQueue(name, { name, ...settings });
      else if (differs(queue, settings)) await boss.updateQueue(name, { name, ...settings });
    }
    await declareSchedules(boss, [...services.keys()], jobs);
  });
}

function settingsOf({ retries = 8, retryDelay = 10, timeout = 120 }: JobHandler): Settings {
  return { retryLimit: retries, retryDelay, retryBackoff: true, expireInSeconds: timeout };
}

function differs(queue: PgBoss.QueueResult, settings: Settings): boolean {
  return Object.entries(settings).some(([key, value]) => queue[key as keyof Settings] !== value);
}

/** Schedules of these services that are no longer wanted end. */
async function declareSchedules(
  boss: PgBoss,
  services: readonly string[],
  jobs: readonly { readonly name: string; readonly handler: JobHandler }[],
): Promise<void> {
  const wanted = new Map(jobs.flatMap(({ name, handler: { cron } }) => (cron === undefined ? [] : [[name, cron]])));
  const known = new Map((await boss.getSchedules()).map(({ name, cron }) => [name, cron]));
  for (const name of known.keys()) {
    const [service = ''] = name.split('.');
    if (services.includes(service) && !wanted.has(name)) await boss.unschedule(name);
  }
  for (const [name, cron] of wanted) {
    if (known.get(name) !== cron) await boss.schedule(name, cron, {}, { tz: 'UTC' });
  }
}
