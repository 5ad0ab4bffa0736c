// Connects to the database of an installation without changing its tables: on a server also while the program runs, the
// embedded one only while nobody else has it open.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../platform/config.ts';
import { openEmbeddedPostgres } from '../../platform/database/embedded-postgres.ts';
import type { DatabaseConnection } from '../../platform/database/open-database.ts';
import { openPostgresServer } from '../../platform/database/postgres-server.ts';
import { StartError } from '../../platform/start-error.ts';

/** Throws a StartError where there is no database, or none that has an access log. */
export async function connectToData({ databaseUrl, dataDir }: Config): Promise<DatabaseConnection> {
  const connection = await open(databaseUrl, dataDir);
  const [found] = await connection.query<{ name: string | null }>(
    `SELECT to_regclass('events.access_log')::text AS name`,
  );
  if (found?.name != null) return connection;
  await connection.close();
  throw new StartError('This database has no access log: it was made by an older version, or by another program.');
}

async function open(databaseUrl: string | undefined, dataDir: string): Promise<DatabaseConnection> {
  if (databaseUrl === undefined) {
    if (!existsSync(join(dataDir, 'postgres'))) throw new StartError(`There is no database in ${dataDir}.`);
    return openEmbeddedPostgres({ dataDir });
  }
  return openPostgresServer({ databaseUrl, poolSize: 2, onBrokenConnection: () => undefined });
}
