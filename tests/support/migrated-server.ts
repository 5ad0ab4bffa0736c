// A PostgreSQL server whose database is migrated already, and empty. Preparing one takes seconds, so its data is kept as a
// tar file, once on a machine for each state of migrations, dependencies and PostgreSQL.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  findPostgres,
  type PostgresServer,
  preparePostgres,
  startPostgres,
} from '../../operations/servers/postgres.ts';
import { runServer } from '../../operations/servers/throwaway-process.ts';
import { keptFile } from './kept-file.ts';

export async function startMigratedPostgres(): Promise<PostgresServer> {
  const archive = await keptFile('server', findPostgres() ?? '');
  if (!existsSync(archive)) await makeArchive(archive);
  return startPostgres({ archive });
}

async function makeArchive(file: string): Promise<void> {
  // Loaded here alone: most suites find the file.
  const { openDatabase } = await import('../../platform/database/open-database.ts');
  const { installJobs } = await import('../../platform/jobs/install-jobs.ts');
  const prepared = await preparePostgres();
  const server = await runServer(prepared);
  const log = { info: () => {}, warn: () => {} };
  const database = await openDatabase({ databaseUrl: prepared.url, dataDir: '', onCommitWithEvents: () => {}, log });
  await installJobs(database.connection);
  await database.close();
  // As an operator would: with a checkpoint, so that the next start has nothing to recover.
  await server.end('SIGTERM');
  const unfinished = `${file}.${randomUUID()}`;
  await promisify(execFile)('tar', ['-cf', unfinished, '-C', join(prepared.folder, 'data'), '.']);
  // Servers run as another user. There is nothing in it but empty tables.
  chmodSync(unfinished, 0o644);
  renameSync(unfinished, file);
  prepared.remove();
}
