// Where the extension pg_trgm is, which indexes of texts need. It comes with PostgreSQL, and whoever may create things
// in a database may add it.
import type { ServiceDatabase } from '../../../platform/database/database.ts';

type Database = Pick<ServiceDatabase<never>, 'db' | 'runAlone'>;

/** Adds the extension when it is missing; undefined when that cannot be. */
export async function findTrigramSchema({ db, runAlone }: Database): Promise<string | undefined> {
  const known = await schemaOf(db);
  if (known !== undefined) return known;
  try {
    await runAlone('extensions', ['CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public']);
  } catch {
    // PostgreSQL says no, or has no such extension: then it is not there.
  }
  return schemaOf(db);
}

async function schemaOf(db: Database['db']): Promise<string | undefined> {
  const [row] = await db.$queryRaw<{ name: string }[]>`
    SELECT n.nspname::text AS name FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_trgm'`;
  return row?.name;
}
