// The database that a backup is taken of, as of one moment: a snapshot on a server, or the embedded database while
// nobody else can have it open.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { openEmbeddedPostgres } from '../../platform/database/embedded-postgres.ts';
import { StartError } from '../../platform/start-error.ts';
import { findReferencedKeys, listReferencedKeys } from '../../subgraphs/files/referenced-bytes-store.ts';
import { type DatabaseFacts, type Query, readDatabaseFacts } from './database-facts.ts';
import { packFolder } from './folder-archive.ts';
import { runPostgresProgram } from './postgres-programs.ts';

export interface DatabaseSource {
  readonly kind: 'server' | 'embedded';
  readonly facts: DatabaseFacts;
  /** Everything in it. */
  dump(): AsyncIterable<Uint8Array>;
  /** The keys of all objects that its rows refer to. */
  storeKeys(): AsyncIterable<readonly string[]>;
  /** Those of the keys that rows refer to by now; also after `release`. */
  stillReferenced(keys: readonly string[]): Promise<readonly string[]>;
  /** Lets the moment go: the server may clean up what only it still needed. */
  release(): Promise<void>;
  close(): Promise<void>;
}

export interface SourceOptions {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function openDatabaseSource({ databaseUrl, dataDir, environment }: SourceOptions): Promise<DatabaseSource> {
  return databaseUrl === undefined ? openEmbeddedSource(dataDir) : openServerSource(databaseUrl, environment);
}

async function openServerSource(
  databaseUrl: string,
  environment: SourceOptions['environment'],
): Promise<DatabaseSource> {
  const client = await connectTo(databaseUrl);
  const query: Query = async (text, values = []) => (await client.query(text, [...values])).rows;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [exported] = await query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    return {
      kind: 'server',
      facts: await readDatabaseFacts(query),
      dump: () =>
        runPostgresProgram({
          name: 'pg_dump',
          databaseUrl,
          args: ['--format=custom', '--no-owner', '--no-privileges', `--snapshot=${exported?.id}`],
          environment,
        }),
      storeKeys: () => listReferencedKeys(query),
      // On a connection of its own: the first one is long gone by then.
      stillReferenced: (keys) => askOnce(databaseUrl, (ask) => findReferencedKeys(ask, keys)),
      release: () => client.end(),
      close: () => client.end(),
    };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** On a connection of its own, whose statements take the time that they take. */
export async function askOnce<T>(databaseUrl: string, question: (query: Query) => Promise<T>): Promise<T> {
  const client = await connectTo(databaseUrl);
  try {
    return await question(async (text, values = []) => (await client.query(text, [...values])).rows);
  } finally {
    await client.end();
  }
}

async function connectTo(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  // The statement that is running rejects, which is all that there is to know.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new StartError(`The database of DATABASE_URL cannot be reached: ${(error as Error).message}`);
  }
  return client;
}

async function openEmbeddedSource(dataDir: string): Promise<DatabaseSource> {
  const folder = join(dataDir, 'postgres');
  if (!existsSync(folder)) {
    throw new StartError(
      `There is no embedded database in ${dataDir}. Is DATA_DIR or DATABASE_URL what the program has?`,
    );
  }
  // Refuses while the program runs: its folder is one process's at a time.
  const database = await openEmbeddedPostgres({ dataDir });
  const { query } = database;
  try {
    const facts = await readDatabaseFacts(query);
    // All that is so far only in the journal goes into the tables' files. Nothing changes them until it is closed.
    await query('CHECKPOINT');
    return {
      kind: 'embedded',
      facts,
      dump: () => packFolder(folder),
      storeKeys: () => listReferencedKeys(query),
      stillReferenced: (keys) => findReferencedKeys(query, keys),
      release: async () => {},
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
