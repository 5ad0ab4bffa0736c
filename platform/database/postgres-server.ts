// PostgreSQL on a server, through a pool of connections.
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Lease, SqlConnection, SqlTransaction, Statements } from './sql-connection.ts';

export interface PostgresServer extends SqlConnection {
  readonly adapter: PrismaPg;
}

export interface ServerOptions {
  readonly databaseUrl: string;
  /** Connections at most; 10 unless told. */
  readonly poolSize?: number | undefined;
  /** How long a statement of a service may take; 10 seconds unless told. */
  readonly queryMilliseconds?: number | undefined;
  /** Told of connections that break while idle; the pool makes new ones by itself. */
  readonly onBrokenConnection: (error: Error) => void;
}

export function openPostgresServer({
  databaseUrl,
  poolSize = 10,
  queryMilliseconds = 10_000,
  onBrokenConnection,
}: ServerOptions): PostgresServer {
  const connection = {
    connectionString: databaseUrl,
    // Prisma's adapters take every time that they read for UTC, whatever the server's own time zone is.
    // And pages of disks without moving parts cost about the same in any order, which is what plans should reckon with.
    options: '-c TimeZone=UTC -c random_page_cost=1.1',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...connection, max: poolSize, statement_timeout: queryMilliseconds });
  const adapter = new PrismaPg(pool);
  pool.on('error', onBrokenConnection);
  return {
    adapter,
    exclusive: false,
    connections: poolSize,
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pool.query(text, [...values])).rows as Row[],
    transaction: (work) => inTransaction(pool, work),
    runAlone: (lease, statements) => runAlone(connection, lease, statements),
    tryLease: (name) => tryLease(connection, name),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (transaction: SqlTransaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    // Migrations and the tables of jobs take the time that they take.
    await client.query('SET LOCAL statement_timeout = 0');
    const result = await work({
      query: async <Row>(text: string, values: readonly unknown[] = []) =>
        (await client.query(text, [...values])).rows as Row[],
      run: async (script) => {
        await client.query(script);
      },
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function runAlone(connection: pg.ClientConfig, lease: string, statements: Statements): Promise<boolean> {
  const client = new pg.Client(connection);
  // The statement that is running rejects, which is all that there is to know.
  client.on('error', () => {});
  try {
    await client.connect();
    if (!(await takeLock(client, lease))) return false;
    const wanted = typeof statements === 'function' ? await statements() : statements;
    for (const statement of wanted) await client.query(statement);
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A session's advisory lock on a connection of its own: the server frees it when the connection or its process ends. */
async function tryLease(connection: pg.ClientConfig, name: string): Promise<Lease | undefined> {
  const client = new pg.Client(connection);
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  const end = () => client.end().catch(() => {});
  try {
    await client.connect();
    if (await takeLock(client, name)) return { lost: lost.signal, release: end };
  } catch (error) {
    await end();
    throw error;
  }
  await end();
  return undefined;
}

async function takeLock(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
    [`caregraph:${name}`],
  );
  return rows[0]?.held === true;
}
