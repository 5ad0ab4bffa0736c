// An embedded database for a test: migrated, empty, in memory, its own, in a fraction of a second.
import { openAsBlob } from 'node:fs';
import { openEmbeddedPostgres } from '../../platform/database/embedded-postgres.ts';
import { databaseOn, type OpenDatabase, openDatabase } from '../../platform/database/open-database.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import { type LogDatabase, readLog } from '../../platform/events/log.ts';
import { numberEvents } from '../../platform/events/number-events.ts';
import { migratedArchive } from './migrated-archive.ts';

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
  const archive = await openAsBlob(await migratedArchive());
  return databaseOn(await openEmbeddedPostgres({ archive }), onCommitWithEvents);
}

async function numberAndReadLog(database: LogDatabase, after: bigint): Promise<readonly LogEvent[]> {
  while ((await numberEvents(database, 500)).length > 0);
  return (await readLog(database.db, after, 10_000)).events;
}
