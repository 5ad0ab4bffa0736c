// The database that the configuration names, for commands that leave its tables as they are, or change them knowingly.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../platform/config.ts';
import { openEmbeddedPostgres } from '../platform/database/embedded-postgres.ts';
import type { DatabaseConnection } from '../platform/database/open-database.ts';
import { openPostgresServer } from '../platform/database/postgres-server.ts';
import { StartError } from '../platform/start-error.ts';

/**
 * On a server also while the program runs, the embedded one only while nobody else has it open. Throws a StartError where
 * there is none.
 */
export async function openConnection({
  databaseUrl,
  dataDir,
}: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<DatabaseConnection> {
  if (databaseUrl !== undefined) {
    return openPostgresServer({ databaseUrl, poolSize: 2, onBrokenConnection: () => undefined });
  }
  if (!existsSync(join(dataDir, 'postgres'))) throw new StartError(`There is no database in ${dataDir}.`);
  return openEmbeddedPostgres({ dataDir });
}

/** Whether the table is there, by its name with its schema. */
export async function hasTable(connection: Pick<DatabaseConnection, 'query'>, name: string): Promise<boolean> {
  const [row] = await connection.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [name]);
  return row?.found === true;
}
