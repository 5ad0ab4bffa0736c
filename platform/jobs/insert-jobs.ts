// Puts jobs into their queues inside the transaction of the change that causes them: they are there when it has
// committed, and never were when it has not.
import PgBoss from 'pg-boss';
import { invariant } from '../errors.ts';
import { newId } from '../ids.ts';
import { type NewJob, queueName } from './job.ts';

interface SqlClient {
  $executeRawUnsafe(statement: string, ...values: unknown[]): PromiseLike<number>;
}

/** One statement, whatever the number of jobs. They keep their order. */
export type JobInserter = (db: SqlClient, service: string, jobs: readonly NewJob[]) => Promise<void>;

export function createJobInserter(): JobInserter {
  // Knows the statement; what runs it is the transaction that it is given with each call.
  const boss = new PgBoss({ db: { executeSql: () => Promise.reject(new Error('Jobs are queued in a transaction')) } });
  return async (db, service, jobs) => {
    if (jobs.length === 0) return;
    let inserted = 0;
    const executeSql = async (statement: string, values: unknown[]) => {
      inserted = await db.$executeRawUnsafe(statement, ...values);
      return { rows: [] };
    };
    const rows = jobs.map(({ job, data, startAfter }) => ({
      // Ids grow with time, and queues are worked off by them: jobs of one transaction have the same moment.
      id: newId(),
      name: queueName(service, job),
      data,
      ...(startAfter === undefined ? {} : { startAfter }),
    }));
    await boss.insert(rows, { db: { executeSql } });
    // pg-boss passes over queues that it does not know, without a word.
    const names = [...new Set(jobs.map(({ job }) => job))].join(', ');
    invariant(inserted === rows.length, `${service} queues a job that is not among its jobs: one of ${names}`);
  };
}
