// The empty database that a backup is restored into.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDataDirectory } from '../../platform/database/data-directory.ts';
import { openEmbeddedPostgres } from '../../platform/database/embedded-postgres.ts';
import { StartError } from '../../platform/start-error.ts';
import {
  type DatabaseFacts,
  hasTables,
  type Query,
  readDatabaseFacts,
  readPostgresVersion,
} from '../backup/database-facts.ts';
import { askOnce, type SourceOptions } from '../backup/database-source.ts';
import { unpackFolder } from '../backup/folder-archive.ts';
import type { Manifest } from '../backup/manifest.ts';
import { runPostgresProgram } from '../backup/postgres-programs.ts';
import { toFinish } from './begin-anew.ts';

/** Nobody can tell whether it is what a restore left that was cut off at its last step. */
const orFinish = `If it comes from a restore that did not say that it was done, ${toFinish}.`;

export interface DatabaseTarget {
  /** Throws unless the backup fits and nothing is there yet. */
  requireFit(manifest: Manifest): Promise<void>;
  /** All of it, or nothing. */
  restore(file: string): Promise<void>;
  /** What is there afterwards. */
  readFacts(): Promise<DatabaseFacts>;
}

export function createDatabaseTarget({ databaseUrl, dataDir, environment }: SourceOptions): DatabaseTarget {
  return databaseUrl === undefined ? embeddedTarget(dataDir) : serverTarget(databaseUrl, environment);
}

function serverTarget(databaseUrl: string, environment: SourceOptions['environment']): DatabaseTarget {
  const ask = <T>(question: (query: Query) => Promise<T>): Promise<T> => askOnce(databaseUrl, question);
  return {
    async requireFit({ database, postgres }) {
      if (database !== 'server') {
        throw new StartError('The backup is of an embedded database: restore it without DATABASE_URL.');
      }
      await ask(async (query) => {
        const own = await readPostgresVersion(query);
        if (own < postgres) {
          throw new StartError(
            `The backup is of PostgreSQL ${postgres}, and DATABASE_URL leads to ${own}, which is older.`,
          );
        }
        if (await hasTables(query)) {
          throw new StartError(
            `The database of DATABASE_URL is not empty: create a new one. Nothing was restored. ${orFinish}`,
          );
        }
      });
    },
    async restore(file) {
      const args = ['--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges', file];
      for await (const _said of runPostgresProgram({ name: 'pg_restore', databaseUrl, args, environment }));
      // The planner knows nothing of the new rows yet.
      await ask((query) => query('ANALYZE'));
    },
    readFacts: () => ask(readDatabaseFacts),
  };
}

function embeddedTarget(dataDir: string): DatabaseTarget {
  const folder = join(dataDir, 'postgres');
  return {
    async requireFit({ database }) {
      if (database !== 'embedded') {
        throw new StartError('The backup is of a database on a server: set DATABASE_URL to a new, empty one.');
      }
      if (existsSync(folder)) {
        throw new StartError(
          `${dataDir} holds a database already: name another DATA_DIR. Nothing was restored. ${orFinish}`,
        );
      }
    },
    async restore(file) {
      const unfinished = `${folder}.restoring`;
      await mkdir(dataDir, { recursive: true, mode: 0o700 });
      const release = claimDataDirectory(dataDir);
      try {
        await rm(unfinished, { recursive: true, force: true });
        await unpackFolder(file, unfinished);
        await rename(unfinished, folder);
      } finally {
        release();
      }
    },
    async readFacts() {
      const database = await openEmbeddedPostgres({ dataDir });
      try {
        return await readDatabaseFacts(database.query);
      } finally {
        await database.close();
      }
    },
  };
}
