// What a backup notes of the database, and a restore compares: migrations, rows, the log's position, the keys in use.
import type { SqlConnection } from '../../platform/database/sql-connection.ts';

export type Query = SqlConnection['query'];

export interface DatabaseFacts {
  /** The major version of PostgreSQL. */
  readonly postgres: number;
  readonly migrations: string[];
  readonly position: string;
  readonly tables: Record<string, number>;
  readonly neededFileKeys: string[];
}

export async function readDatabaseFacts(query: Query): Promise<DatabaseFacts> {
  const migrations = await query<{ name: string }>(
    `SELECT migration_name AS name FROM public."_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY 1`,
  );
  const [head] = await query<{ position: string | null }>(
    'SELECT max(position)::text AS position FROM events.log_head',
  );
  const keys = await query<{ id: string }>(
    'SELECT DISTINCT master_key_id AS id FROM files.files WHERE master_key_id IS NOT NULL ORDER BY 1',
  );
  return {
    postgres: await readPostgresVersion(query),
    migrations: migrations.map(({ name }) => name),
    position: head?.position ?? '0',
    tables: await countRows(query),
    neededFileKeys: keys.map(({ id }) => id),
  };
}

/** The major version. */
export async function readPostgresVersion(query: Query): Promise<number> {
  const [row] = await query<{ version: string }>(`SELECT current_setting('server_version_num') AS version`);
  return Math.floor(Number(row?.version) / 10_000);
}

/** Whether there is any table: what a restore must not find. */
export async function hasTables(query: Query): Promise<boolean> {
  return (await listTables(query)).length > 0;
}

/** By their names; those in partitions once, as a whole. */
async function listTables(query: Query): Promise<string[]> {
  const tables = await query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 1`,
  );
  return tables.map(({ name }) => name);
}

async function countRows(query: Query): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await listTables(query)) {
    const [row] = await query<{ count: string }>(`SELECT count(*)::text AS count FROM ${name}`);
    counts[name] = Number(row?.count);
  }
  return counts;
}
