// Opens the platform's database, on a server or embedded, and brings its tables up to date before anybody uses them.
import { PrismaClient } from '../../generated/prisma/client.ts';
import { installJobs } from '../jobs/install-jobs.ts';
import type { Logger } from '../subgraph/context.ts';
import { applyMigrations, readMigrations } from './apply-migrations.ts';
import type { Database } from './database.ts';
import { openEmbeddedPostgres } from './embedded-postgres.ts';
import { openPostgresServer } from './postgres-server.ts';
import { createPrismaDatabase } from './prisma-database.ts';
import type { Lease, SqlConnection } from './sql-connection.ts';

export interface DatabaseOptions {
  /** A PostgreSQL server. Without one the database is embedded, in `<dataDir>/postgres`. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  /** Called after each commit that brought events; the bus's `wake` goes here. */
  readonly onCommitWithEvents?: () => void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Connections to the server at most; 10 unless told. */
  readonly poolSize?: number;
  /** How long a statement of a service may take on the server; 10 seconds unless told. */
  readonly queryMilliseconds?: number;
}

/** What the composition root gets: the database, and what relay, jobs and consumers need besides. */
export interface OpenDatabase extends Database {
  /** For hand-written SQL; closed with the database. */
  readonly connection: SqlConnection;
  /** Calls the listener after each commit of this process that brought jobs. Returns how to stop. */
  onJobs(listener: () => void): () => void;
  /** Takes the lease of this name; undefined while another process holds it. Rejects when the database is away. */
  tryLease(name: string): Promise<Lease | undefined>;
}

/** An open connection and the Prisma adapter on top of it. */
export type DatabaseConnection = SqlConnection & {
  readonly adapter: NonNullable<ConstructorParameters<typeof PrismaClient>[0]['adapter']>;
};

export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const connection = await connect(options);
  try {
    const applied = await applyMigrations(connection, await readMigrations());
    if (applied.length > 0) options.log.info({ migrations: applied }, 'migrations applied');
    await installJobs(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return databaseOn(connection, options.onCommitWithEvents ?? (() => {}));
}

/** A database on a connection whose tables are up to date. */
export function databaseOn(connection: DatabaseConnection, onCommitWithEvents: () => void): OpenDatabase {
  const prisma = new PrismaClient({ adapter: connection.adapter });
  const jobListeners = new Set<() => void>();
  const database = createPrismaDatabase({
    prisma,
    closeConnection: () => connection.close(),
    runAlone: (lease, statements) => connection.runAlone(lease, statements),
    onCommitWithEvents,
    onCommitWithJobs: () => {
      for (const listener of jobListeners) listener();
    },
  });
  return {
    ...database,
    connection,
    onJobs(listener) {
      jobListeners.add(listener);
      return () => {
        jobListeners.delete(listener);
      };
    },
    tryLease: (name) => connection.tryLease(name),
  };
}

async function connect({
  databaseUrl,
  dataDir,
  poolSize,
  queryMilliseconds,
  log,
}: DatabaseOptions): Promise<DatabaseConnection> {
  if (databaseUrl === undefined) return openEmbeddedPostgres({ dataDir });
  return openPostgresServer({
    databaseUrl,
    poolSize,
    queryMilliseconds,
    // The error itself carries the whole connection.
    onBrokenConnection: ({ message }) => log.warn({ reason: message }, 'a connection to the database broke'),
  });
}
