// Jobs: slow or retried work that a service does after the change that causes it has committed. What a service queues,
// and how it says what its jobs do. Queues, retries, dead letters and schedules are pg-boss's.
import type { JsonObject } from '../events/event.ts';

/** What a service queues inside a transaction, for one of its own jobs. */
export interface NewJob {
  /** A key of the `jobs` of the service that queues it. */
  readonly job: string;
  /** What the job needs; kept in the database until it is done, and never logged. */
  readonly data: JsonObject;
  /** Not before this moment; as soon as possible unless told. */
  readonly startAfter?: Date;
}

export interface JobAttempt {
  /** Of the job: the same at every attempt, so that what it does elsewhere can be told apart from a repetition. */
  readonly id: string;
  /** 1, 2, 3 … */
  readonly number: number;
}

export interface JobHandler {
  /**
   * Does the job. It may run again after a crash, even when it was through: the second time must do no harm.
   * What it throws makes it run again later, with growing pauses.
   */
  run(data: JsonObject, attempt: JobAttempt): Promise<void>;
  /** How often it is tried again after a failure; 8 unless told. After that it is a dead letter, and logged. */
  readonly retries?: number;
  /** Before the first retry; it grows twofold with each further one. Seconds, 10 unless told: 8 retries take an hour. */
  readonly retryDelay?: number;
  /** An attempt that takes longer counts as failed. Seconds, 120 unless told. */
  readonly timeout?: number;
  /** Runs by schedule (five fields, UTC), once for each time over all processes; its data is then `{}`. */
  readonly cron?: string;
  /** How many of them one process runs at once; 4 unless told. */
  readonly concurrency?: number;
}

export type JobHandlers = Readonly<Record<string, JobHandler>>;

/** The name of a job's queue. */
export function queueName(service: string, job: string): string {
  return `${service}.${job}`;
}
