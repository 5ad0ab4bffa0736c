// PostgreSQL inside this process (PGlite), kept in a directory or in memory. It has one connection: statements and
// transactions wait for each other.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm as trigrams } from '@electric-sql/pglite/contrib/pg_trgm';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { claimDataDirectory } from './data-directory.ts';
import type { SqlConnection } from './sql-connection.ts';

export interface EmbeddedPostgres extends SqlConnection {
  readonly adapter: PrismaPGlite;
  /** The whole database as an archive, to start others from. */
  dump(): Promise<Blob>;
}

/** A directory to keep it in, or an archive to start from in memory; neither: empty, in memory. */
export interface EmbeddedOptions {
  readonly dataDir?: string;
  readonly archive?: Blob;
}

export async function openEmbeddedPostgres({ dataDir, archive }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const release = dataDir === undefined ? () => {} : claimDataDirectory(dataDir);
  try {
    const pglite = await start(dataDir, archive);
    const leases = new Set<string>();
    return {
      adapter: new PrismaPGlite(pglite),
      exclusive: true,
      connections: 1,
      query: async <Row>(text: string, values: readonly unknown[] = []) =>
        (await pglite.query<Row>(text, [...values])).rows,
      transaction: (work) =>
        pglite.transaction((transaction) =>
          work({
            query: async <Row>(text: string, values: readonly unknown[] = []) =>
              (await transaction.query<Row>(text, [...values])).rows,
            run: async (script) => {
              await transaction.exec(script);
            },
          }),
        ),
      runAlone: async (lease, statements) => {
        // There is one connection, but the statements of others may run between these.
        if (leases.size === leases.add(lease).size) return false;
        try {
          const wanted = typeof statements === 'function' ? await statements() : statements;
          for (const statement of wanted) await pglite.exec(statement);
          return true;
        } finally {
          leases.delete(lease);
        }
      },
      // Nobody else can open this database, and it is open once in this process.
      tryLease: async () => ({ lost: new AbortController().signal, release: async () => {} }),
      dump: () => pglite.dumpDataDir('none'),
      async close() {
        try {
          await pglite.close();
        } finally {
          release();
        }
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

async function start(dataDir: string | undefined, archive: Blob | undefined): Promise<PGlite> {
  // V8 optimises WebAssembly early: at a start, a second of CPU and much memory for what runs once. This is some 30 times
  // its own measure; what queries need is optimised within the first thousands of them, and then is as fast.
  setFlagsFromString('--wasm-tiering-budget=60000000');
  const folder = dataDir === undefined ? undefined : await prepareFolder(join(dataDir, 'postgres'));
  const pglite = await PGlite.create({
    extensions: { trigrams },
    // PostgreSQL's own 128 MB would make up a third of this process; small databases do not miss them.
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
    ...(folder === undefined ? {} : { dataDir: folder }),
    ...(archive === undefined ? {} : { loadDataDir: archive }),
  });
  // Prisma's adapters take every time that they read for UTC.
  await pglite.exec(`SET TIME ZONE 'UTC'`);
  return pglite;
}

/** The folder; filled first when it is new, or when its first filling was cut off. */
async function prepareFolder(folder: string): Promise<string> {
  const unfinished = `${folder}.unfinished`;
  if (existsSync(folder) && !existsSync(unfinished)) return folder;
  writeFileSync(unfinished, '');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  await fillFolder(folder);
  rmSync(unfinished);
  return folder;
}

/** In a process of its own: it takes 500 MB, of which this one would keep a good part. */
async function fillFolder(folder: string): Promise<void> {
  const script = 'require(process.argv[1]).PGlite.create(process.argv[2]).then((pglite) => pglite.close())';
  const pglitePath = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  await promisify(execFile)(process.execPath, ['-e', script, pglitePath, folder]);
}
