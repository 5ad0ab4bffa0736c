// A migrated, empty, embedded database as a tar file. Making one takes seconds, so it is done once on a machine for
// each state of migrations and dependencies, and kept.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyMigrations, readMigrations } from '../../platform/database/apply-migrations.ts';
import { keptFile } from './kept-file.ts';

/** Answers where the file is. */
export async function migratedArchive(): Promise<string> {
  const file = await keptFile('database');
  if (!existsSync(file)) await makeArchive(file);
  return file;
}

/** Gives a program the database that its first start would make in `<dataDir>`. */
export async function unpackMigratedDatabase(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'postgres');
  await mkdir(folder, { mode: 0o700 });
  await promisify(execFile)('tar', ['-xf', await migratedArchive(), '-C', folder]);
}

async function makeArchive(file: string): Promise<void> {
  // Loaded here alone: most suites find the file and have no other use for PostgreSQL in their own process.
  const { openEmbeddedPostgres } = await import('../../platform/database/embedded-postgres.ts');
  const { installJobs } = await import('../../platform/jobs/install-jobs.ts');
  const connection = await openEmbeddedPostgres({});
  await applyMigrations(connection, await readMigrations());
  await installJobs(connection);
  const archive = await connection.dump();
  await connection.close();
  // Workers that come here at once each make their own; a rename puts whole files in place only.
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, Buffer.from(await archive.arrayBuffer()), { mode: 0o600 });
  await rename(unfinished, file);
}
