// What the sweeper asks of the database: which store belongs to it, what is over, and what nothing refers to.
import type { Database } from '../../platform/database/database.ts';
import { momentSql } from '../../platform/database/moment-sql.ts';
import { newId } from '../../platform/ids.ts';

export interface SweepStore {
  /** The id of the store of bytes that belongs to this database; made the first time. */
  storeId(): Promise<string>;
  /** Those of the keys that no row refers to. */
  unknownOf(storeKeys: readonly string[]): Promise<string[]>;
  /** Files whose resumable upload expired before; some of them. */
  expiredUploads(before: Date): Promise<string[]>;
  /** Removes tokens that expired before or were used up; how many, some of them. */
  deleteOldTokens(before: Date): Promise<number>;
}

/** Tokens removed by one statement. */
const batch = 1_000;
/** What is left then waits for the next time. */
const mostUploads = 10_000;

export function createSweepStore(database: Database): SweepStore {
  const { db } = database.forService<'file'>('files');
  return {
    async storeId() {
      const rows = await db.$queryRaw<{ id: string }[]>`
        INSERT INTO files.settings (id, disable_force_download_for_mime_types, store_id, updated_at)
        VALUES (1, '{}', ${newId()}::uuid, now())
        ON CONFLICT (id) DO UPDATE SET store_id = coalesce(settings.store_id, excluded.store_id)
        RETURNING store_id::text AS id`;
      return String(rows[0]?.id);
    },
    async unknownOf(storeKeys) {
      const rows = await db.$queryRaw<{ key: string }[]>`
        SELECT key::text FROM unnest(${storeKeys}::uuid[]) AS stored (key)
        WHERE NOT EXISTS (SELECT FROM files.segments WHERE store_key = key)
          AND NOT EXISTS (SELECT FROM files.thumbnails WHERE store_key = key)`;
      return rows.map(({ key }) => key);
    },
    async expiredUploads(before) {
      const rows = await db.$queryRaw<{ id: string }[]>`
        SELECT file_id::text AS id FROM files.uploads WHERE expires_at < ${momentSql(before)} ORDER BY expires_at LIMIT ${mostUploads}`;
      return rows.map(({ id }) => id);
    },
    deleteOldTokens: (before) => db.$executeRaw`
      DELETE FROM files.tokens WHERE id IN (
        SELECT id FROM files.tokens WHERE expires_at < ${momentSql(before)} OR (single_use AND used_at < ${momentSql(before)}) LIMIT ${batch}
      )`,
  };
}
