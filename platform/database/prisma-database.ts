// Database on top of a Prisma client: hands out models, and runs transactions in which the change, its events, its jobs
// and its effect on access commit together.
import { setTimeout as pause } from 'node:timers/promises';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import { AppError, invariant } from '../errors.ts';
import { accessChanged, accessChangedEvents } from '../events/access-changed.ts';
import type { NewEvent } from '../events/event.ts';
import { insertEvents } from '../events/outbox.ts';
import { createJobInserter, type JobInserter } from '../jobs/insert-jobs.ts';
import type { NewJob } from '../jobs/job.ts';
import { bumpAccessVersions, readAccessVersions } from './access-versions.ts';
import type { Database, ModelName, Models, ServiceDatabase, WriteTransaction } from './database.ts';
import type { SqlConnection } from './sql-connection.ts';
import { isWriteConflict } from './write-conflict.ts';

export interface PrismaDatabaseOptions {
  readonly prisma: PrismaClient;
  /** Closes what is below Prisma. */
  readonly closeConnection: () => Promise<void>;
  readonly runAlone: SqlConnection['runAlone'];
  /** Called after each commit that brought events. Must not throw. */
  readonly onCommitWithEvents: () => void;
  /** Called after each commit that brought jobs. Must not throw. */
  readonly onCommitWithJobs: () => void;
}

type Work<T> = (tx: WriteTransaction<ModelName>) => Promise<T>;

/** Generous: on the embedded database writers wait for each other. */
const transactionTimes = { maxWait: 30_000, timeout: 30_000 };
const attempts = 5;

export function createPrismaDatabase({
  prisma,
  closeConnection,
  runAlone,
  onCommitWithEvents,
  onCommitWithJobs,
}: PrismaDatabaseOptions): Database {
  const insertJobs = createJobInserter();
  const writing = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  function write<T>(service: string, work: Work<T>): Promise<T> {
    if (closing !== undefined) return Promise.reject(new AppError('SERVICE_UNAVAILABLE', 'The database is closing.'));
    const done = retrying(() => writeOnce({ prisma, service, insertJobs }, work)).then(({ value, events, jobs }) => {
      if (events > 0) onCommitWithEvents();
      if (jobs > 0) onCommitWithJobs();
      return value;
    });
    writing.add(done);
    const forget = () => writing.delete(done);
    done.then(forget, forget);
    return done;
  }

  async function close(): Promise<void> {
    await Promise.allSettled(writing);
    await prisma.$disconnect();
    await closeConnection();
  }

  return {
    // A Prisma client has every model: the type parameter alone is what narrows it to the service's own.
    forService: <M extends ModelName>(service: string): ServiceDatabase<M> => ({
      db: prisma as Models<M>,
      write: (work) => write(service, work as unknown as Work<Awaited<ReturnType<typeof work>>>),
      runAlone: (lease, statements) => runAlone(`${service}:${lease}`, statements),
    }),
    accessVersions: (userIds) => readAccessVersions(prisma, userIds),
    ping: async () => {
      await prisma.$queryRaw`SELECT 1`;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

interface Writer {
  readonly prisma: PrismaClient;
  readonly service: string;
  readonly insertJobs: JobInserter;
}

interface Written<T> {
  readonly value: T;
  /** How many it brought. */
  readonly events: number;
  readonly jobs: number;
}

async function writeOnce<T>({ prisma, service, insertJobs }: Writer, work: Work<T>): Promise<Written<T>> {
  return prisma.$transaction(async (db) => {
    const published: NewEvent[] = [];
    const jobs: NewJob[] = [];
    const userIds = new Set<string>();
    let open = true;
    const value = await work({
      db: db as unknown as Models<ModelName>,
      publish: (event) => {
        invariant(open, `${event.type} is published after its transaction`);
        invariant(event.type !== accessChanged, `${accessChanged} is published by the platform alone`);
        published.push(event);
      },
      enqueue: (job) => {
        invariant(open, `${job.job} is queued after its transaction`);
        jobs.push(job);
      },
      bumpAccess: (ids) => {
        invariant(open, 'access is bumped after its transaction');
        for (const id of ids) userIds.add(id);
      },
    });
    open = false;
    await bumpAccessVersions(db, userIds);
    // First whose access changed, then why: whoever is told of the change decides on it with the new access.
    const events = [...accessChangedEvents(userIds), ...published];
    await insertEvents(db, service, events);
    await insertJobs(db, service, jobs);
    // After a statement that failed and was caught, COMMIT rolls back without a word. Any statement tells.
    if (events.length + jobs.length === 0) await db.$queryRaw`SELECT 1`;
    return { value, events: events.length, jobs: jobs.length };
  }, transactionTimes);
}

async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !isWriteConflict(error)) throw error;
      await pause(Math.random() * 20 * 2 ** attempt);
    }
  }
}
