// Brings a database up to date with prisma/migrations, forward only. Keeps Prisma's own table `_prisma_migrations`, so
// that Prisma's tools agree with what they find; needs none of them, as a migration is a plain SQL file.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../project-folder.ts';
import type { SqlConnection, SqlTransaction } from './sql-connection.ts';

export interface Migration {
  readonly name: string;
  readonly script: string;
}

// Prisma's definition, word for word.
const migrationsTable = `CREATE TABLE IF NOT EXISTS public."_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/** The number that Prisma's tools lock with, so that `prisma migrate deploy` and a starting process wait for each other. */
const advisoryLock = 72707369;

/** The migrations of this program, in the order in which they are applied. */
export async function readMigrations(folder = join(projectFolder(), 'prisma', 'migrations')): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({ name, script: await readFile(join(folder, name, 'migration.sql'), 'utf8') })),
  );
}

/**
 * Applies what is pending, all of it or nothing, and returns the names. Several processes may do so at once: the
 * others wait and then find nothing to do. Migrations that this program does not know are left alone, so that a
 * replica of the version before can still start while a newer one is rolled out.
 */
export async function applyMigrations(connection: SqlConnection, migrations: readonly Migration[]): Promise<string[]> {
  return connection.transaction(async (transaction) => {
    await transaction.query(`SELECT pg_advisory_xact_lock(${advisoryLock})`);
    const applied = await appliedMigrations(transaction);
    const pending = migrations.filter(({ name }) => !applied.has(name));
    if (pending.length === 0) return [];
    await transaction.run(migrationsTable);
    for (const migration of pending) await apply(transaction, migration);
    return pending.map(({ name }) => name);
  });
}

async function apply(transaction: SqlTransaction, { name, script }: Migration): Promise<void> {
  try {
    await transaction.run(script);
  } catch (error) {
    throw new Error(`The migration ${name} cannot be applied`, { cause: error });
  }
  await transaction.query(
    `INSERT INTO public."_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count)
     VALUES ($1, $2, now(), $3, 1)`,
    [randomUUID(), createHash('sha256').update(script).digest('hex'), name],
  );
}

async function appliedMigrations(transaction: SqlTransaction): Promise<Set<string>> {
  const [table] = await transaction.query<{ found: boolean }>(
    `SELECT to_regclass('public."_prisma_migrations"') IS NOT NULL AS found`,
  );
  if (table?.found !== true) return new Set();
  const rows = await transaction.query<{ name: string; finished: boolean }>(
    `SELECT migration_name AS name, finished_at IS NOT NULL AS finished FROM public."_prisma_migrations"
     WHERE rolled_back_at IS NULL`,
  );
  const broken = rows.find((row) => !row.finished);
  if (broken !== undefined) {
    throw new Error(`The migration ${broken.name} was begun by another tool and never finished: repair it by hand`);
  }
  return new Set(rows.map((row) => row.name));
}
