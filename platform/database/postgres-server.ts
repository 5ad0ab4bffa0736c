// PostgreSQL on a server, through a pool of connections.
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Lease, SqlConnection, SqlTransaction } from './sql-connection.ts';

export interface PostgresServer extends SqlConnection {
  readonly adapter: PrismaPg;
}

export interface ServerOptions {
  readonly databaseUrl: string;
  /** Connections at most; 10 unless told. */
  readonly poolSize?: number | undefined;
  /** Told of connections that break while idle; the pool makes new ones by itself. */
  readonly onBrokenConnection: (error: Error) => void;
}

export function openPostgresServer({ databaseUrl, poolSize, onBrokenConnection }: ServerOptions): PostgresServer {
  const connection = {
    connectionString: databaseUrl,
    // Prisma's adapters take every time that they read for UTC, whatever the server's own time zone is.
    options: '-c TimeZone=UTC',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...connection, max: poolSize ?? 10 });
  const adapter = new PrismaPg(pool);
  pool.on('error', onBrokenConnection);
  return {
    adapter,
    exclusive: false,
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pool.query(text, [...values])).rows as Row[],
    transaction: (work) => inTransaction(pool, work),
    tryLease: (name) => tryLease(connection, name),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (transaction: SqlTransaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
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

/** A session's advisory lock on a connection of its own: the server frees it when the connection or its process ends. */
async function tryLease(connection: pg.ClientConfig, name: string): Promise<Lease | undefined> {
  const client = new pg.Client(connection);
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  const end = () => client.end().catch(() => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
      [`caregraph:${name}`],
    );
    if (rows[0]?.held === true) return { lost: lost.signal, release: end };
  } catch (error) {
    await end();
    throw error;
  }
  await end();
  return undefined;
}
