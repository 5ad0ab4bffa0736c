// What a service sees of the database: its own models, and transactions in which a change, its event, its jobs and
// its effect on access commit together. How a database is opened stands in open-database.ts.
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { NewEvent } from '../events/event.ts';
import type { NewJob } from '../jobs/job.ts';
import type { Statements } from './sql-connection.ts';

export type ModelName = Uncapitalize<Prisma.ModelName>;

/** The Prisma delegates of some models, and raw SQL for what they cannot say. */
export type Models<M extends ModelName> = Pick<PrismaClient, M | '$queryRaw' | '$executeRaw'>;

export interface WriteTransaction<M extends ModelName> {
  /** Runs inside the transaction. While it is open, await nothing but this: the embedded database has one connection. */
  readonly db: Models<M>;
  /** Writes an event into the outbox, as the transaction's last act. */
  publish(event: NewEvent): void;
  /** Queues a job of this service, which runs soon after the transaction has committed, or never when it has not. */
  enqueue(job: NewJob): void;
  /**
   * These users' rights or sessions change: whatever is cached of them is stale once the transaction has committed. The
   * log tells it, too: `access_changed`, before the events that are published here.
   */
  bumpAccess(userIds: Iterable<string>): void;
}

export interface ServiceDatabase<M extends ModelName> {
  /** For reading, and for single statements that need no event. */
  readonly db: Models<M>;
  /** Runs `work` in one transaction (read committed); an exception rolls everything back. */
  write<T>(work: (tx: WriteTransaction<M>) => Promise<T>): Promise<T>;
  /** See SqlConnection: for what PostgreSQL builds in the background. Nothing from outside may stand in the statements. */
  runAlone(lease: string, statements: Statements): Promise<boolean>;
}

export interface Database {
  forService<M extends ModelName>(service: string): ServiceDatabase<M>;
  /** The access version of each user, in the order asked; "0" for a user whose access never changed. */
  accessVersions(userIds: readonly string[]): Promise<string[]>;
  /** Rejects when the database cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
