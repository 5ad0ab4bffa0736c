// An embedded database for a test: migrated, empty, in memory, its own, in a fraction of a second.
import { createHash, randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyMigrations, type Migration, readMigrations } from '../../platform/database/apply-migrations.ts';
import { openEmbeddedPostgres } from '../../platform/database/embedded-postgres.ts';
import { databaseOn, type OpenDatabase, openDatabase } from '../../platform/database/open-database.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import { type LogDatabase, readLog } from '../../platform/events/log.ts';
import { numberEvents } from '../../platform/events/number-events.ts';
import { installJobs, jobTablesVersion } from '../../platform/jobs/install-jobs.ts';
import { projectFolder } from '../../platform/project-folder.ts';

export interface TestDatabaseOptions {
  /** An empty database on a server, to use instead of an embedded one. */
  readonly databaseUrl?: string | undefined;
  /** Called after each commit that brought events. */
  readonly onCommitWithEvents?: () => void;
}

export interface TestDatabase extends OpenDatabase {
  /** Everything published after the position, with positions: numbered here, as no relay runs. */
  readLog(after?: bigint): Promise<readonly LogEvent[]>;
}

export async function startTestDatabase({
  databaseUrl,
  onCommitWithEvents = () => {},
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const database =
    databaseUrl === undefined
      ? await openEmbedded(onCommitWithEvents)
      : await openDatabase({ databaseUrl, dataDir: '', onCommitWithEvents, log: { info: () => {}, warn: () => {} } });
  return { ...database, readLog: (after = 0n) => numberAndReadLog(database.forService('events'), after) };
}

async function openEmbedded(onCommitWithEvents: () => void): Promise<OpenDatabase> {
  return databaseOn(
    await openEmbeddedPostgres({ archive: await migratedArchive(await readMigrations()) }),
    onCommitWithEvents,
  );
}

async function numberAndReadLog(database: LogDatabase, after: bigint): Promise<readonly LogEvent[]> {
  while ((await numberEvents(database, 500)).length > 0);
  return (await readLog(database.db, after, 10_000)).events;
}

/** Migrating takes seconds, so it is done once on a machine for each state of migrations and dependencies, and kept. */
async function migratedArchive(migrations: readonly Migration[]): Promise<Blob> {
  const dependencies = await readFile(join(projectFolder(), 'package-lock.json'));
  const hash = createHash('sha256')
    .update(JSON.stringify([process.getuid?.(), migrations, jobTablesVersion()]))
    .update(dependencies);
  const state = hash.digest('hex').slice(0, 16);
  const file = join(tmpdir(), `caregraph-test-database-${state}.tar`);
  return (await findBlob(file)) ?? (await makeArchive(file, migrations));
}

async function makeArchive(file: string, migrations: readonly Migration[]): Promise<Blob> {
  const connection = await openEmbeddedPostgres({});
  await applyMigrations(connection, migrations);
  await installJobs(connection);
  const archive = await connection.dump();
  await connection.close();
  // Workers that come here at once each make their own; a rename puts whole files in place only.
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, Buffer.from(await archive.arrayBuffer()), { mode: 0o600 });
  await rename(unfinished, file);
  return archive;
}

async function findBlob(file: string): Promise<Blob | undefined> {
  try {
    return await openAsBlob(file);
  } catch {
    return undefined;
  }
}
