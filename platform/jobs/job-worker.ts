// Runs the jobs of this process's services as they fall due. pg-boss hands them out, each to one process, and knows
// what becomes of those that fail; here is only the loop. (Its own loop is not used: it asks once for each queue, and
// does not wait for the end of a job to be written, so that a database that goes away then would end the process.)
import { setTimeout as pause } from 'node:timers/promises';
import PgBoss from 'pg-boss';
import type { OpenDatabase } from '../database/open-database.ts';
import { createWakeUp } from '../events/wake-up.ts';
import { failureFacts } from '../logging/failure-facts.ts';
import type { Logger } from '../subgraph/context.ts';
import { bossSql } from './boss-sql.ts';
import type { JobHandler } from './job.ts';

export interface JobWorkerOptions {
  readonly database: Pick<OpenDatabase, 'connection' | 'onJobs'>;
  /** Queue → what its jobs do. The queues exist. */
  readonly handlers: ReadonlyMap<string, JobHandler>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** How often to look for jobs that others queued: milliseconds; 2,000 unless told, 10,000 where nobody else can. */
  readonly pollMs?: number;
  /** How long `close` waits for what is running: milliseconds, 8,000 unless told. */
  readonly closeMs?: number;
}

export interface JobWorker {
  /** Takes no more jobs, and waits for those that run; what does not end in time is tried again later. */
  close(): Promise<void>;
}

type FetchedJob = PgBoss.JobWithMetadata<Readonly<Record<string, unknown>>>;

const settlePauseMs = 1_000;

export function startJobWorker(options: JobWorkerOptions): JobWorker {
  return new Worker(options);
}

class Worker implements JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #boss: PgBoss;
  readonly #nextJobs: string;
  readonly #bell = createWakeUp();
  /** Running jobs: id → its queue and its end. */
  readonly #running = new Map<string, { readonly queue: string; readonly done: Promise<void> }>();
  readonly #loop: Promise<void>;
  readonly #stopListening: () => void;
  readonly #patience = new AbortController();
  #closed = false;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
    this.#boss = new PgBoss({ db: bossSql(options.database.connection) });
    this.#nextJobs = nextJobsStatement(options.handlers.size);
    this.#stopListening = options.database.onJobs(() => this.#bell.ring());
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#stopListening();
      this.#bell.ring();
      setTimeout(() => this.#patience.abort(), this.#options.closeMs ?? 8_000).unref();
    }
    await this.#loop;
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #run(): Promise<void> {
    const { database, log } = this.#options;
    const pollMs = this.#options.pollMs ?? (database.connection.exclusive ? 10_000 : 2_000);
    let failing = false;
    while (!this.#closed) {
      let wait = pollMs;
      try {
        wait = Math.min(pollMs, await this.#startDue());
        if (failing) log.info({}, 'jobs are run again');
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ err: error }, 'jobs cannot be fetched; trying again');
        failing = true;
      }
      await this.#bell.sleep(wait);
    }
  }

  /** Starts what is due, and answers how long it takes until the next job falls due: milliseconds. */
  async #startDue(): Promise<number> {
    const { database, handlers } = this.#options;
    const waiting = await database.connection.query<WaitingJob>(this.#nextJobs, [...handlers.keys()]);
    for (const { name, inMs } of waiting) {
      const handler = handlers.get(name);
      if (handler === undefined || inMs > 0 || this.#closed) continue;
      const running = [...this.#running.values()].filter(({ queue }) => queue === name).length;
      const room = (handler.concurrency ?? 4) - running;
      if (room > 0) await this.#fetch(name, handler, room);
    }
    return Math.min(...waiting.filter(({ inMs }) => inMs > 0).map(({ inMs }) => inMs));
  }

  async #fetch(queue: string, handler: JobHandler, room: number): Promise<void> {
    const jobs: FetchedJob[] = await this.#boss.fetch(queue, { batchSize: room, includeMetadata: true });
    for (const job of jobs) {
      const done = this.#work(queue, handler, job).finally(() => {
        this.#running.delete(job.id);
        this.#bell.ring();
      });
      this.#running.set(job.id, { queue, done });
    }
  }

  async #work(queue: string, handler: JobHandler, job: FetchedJob): Promise<void> {
    try {
      await this.#attempt(handler, job);
    } catch (error) {
      this.#report(queue, job, error);
      // Beside the job's data, in the database, the whole error may stand.
      const output = {
        name: failureFacts(error).name,
        message: error instanceof Error ? error.message : String(error),
      };
      await this.#settle(() => this.#boss.fail(queue, job.id, output));
      return;
    }
    // Deleted, not kept as done: its data may hold an address or a link that nobody should find later.
    await this.#settle(() => this.#boss.deleteJob(queue, job.id));
  }

  /** Rejects, too, when it takes too long, or longer than a closing process can wait. */
  async #attempt(handler: JobHandler, job: FetchedJob): Promise<void> {
    const ended = new AbortController();
    const tooLate = async (milliseconds: number) => {
      await pause(milliseconds, undefined, { signal: ended.signal });
      throw new Error('The job took too long');
    };
    const processEnds = new Promise<never>((_, reject) => {
      const end = () => reject(new Error('The process ended before the job'));
      this.#patience.signal.addEventListener('abort', end, { signal: ended.signal });
      if (this.#patience.signal.aborted) end();
    });
    try {
      const attempt = { id: job.id, number: job.retryCount + 1 };
      const run = async () => handler.run(job.data, attempt);
      await Promise.race([run(), tooLate(Number(job.expireInSeconds) * 1_000), processEnds]);
    } finally {
      ended.abort();
    }
  }

  #report(queue: string, job: FetchedJob, error: unknown): void {
    const facts = { job: queue, id: job.id, attempt: job.retryCount + 1, failure: failureFacts(error) };
    if (job.retryCount >= job.retryLimit) this.#options.log.error(facts, 'a job failed for good');
    else this.#options.log.warn(facts, 'a job failed and will be tried again');
  }

  /** Writes how a job ended, once the database takes it. Unwritten, the job would run again when its time is over. */
  async #settle(write: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#patience;
    for (let failures = 0; failures === 0 || !signal.aborted; failures += 1) {
      try {
        await write();
        return;
      } catch (error) {
        // Not the error itself: the embedded database adds the values of the statement to it.
        const failure = failureFacts(error);
        if (failures === 0) this.#options.log.warn({ failure }, 'the end of a job cannot be written; trying again');
        await pause(settlePauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }
}

interface WaitingJob {
  readonly name: string;
  /** Milliseconds until it is due. */
  readonly inMs: number;
}

/** The next job of each queue: one statement for all of them, which reads one row of each at most. */
function nextJobsStatement(queues: number): string {
  return Array.from({ length: queues }, (_, index) => index + 1)
    .map(
      (
        place,
      ) => `(SELECT $${place}::text AS name, ceil(EXTRACT(epoch FROM start_after - now()) * 1000)::float8 AS "inMs"
        FROM pgboss.job WHERE name = $${place} AND state < 'active' ORDER BY start_after LIMIT 1)`,
    )
    .join(' UNION ALL ');
}
