// Which keys of files are not under the current master key, and the change that brings them there.
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import type { FileKeyRow, WrappedKey } from './master-keys.ts';

export interface FileToRewrap extends FileKeyRow {
  readonly status: string;
  readonly size: bigint | null;
  readonly sha256: string | null;
}

export interface RewrapQuery {
  /** Files with a greater id; from the first one on unless told. */
  readonly after: string | undefined;
  /** Master keys that are to be replaced. Files without a key come as well. */
  readonly masterKeyIds: readonly string[];
  readonly take: number;
}

export interface RewrapStore {
  /** Every master key that wraps something, and null when there are files without a key. */
  masterKeyIds(): Promise<(string | null)[]>;
  findOneUnder(masterKeyId: string): Promise<FileKeyRow | undefined>;
  countUnder(masterKeyIds: readonly string[]): Promise<number>;
  /** How many files are not under it. */
  countNotUnder(masterKeyId: string): Promise<number>;
  listToRewrap(query: RewrapQuery): Promise<FileToRewrap[]>;
  /** Gives the file this key if it still has the one that was read. */
  replaceKey(file: FileKeyRow, key: WrappedKey): Promise<void>;
  /** Gives a file without a key this one, and other bytes in the place of these; answers whether it did. */
  encrypt(fileId: string, key: WrappedKey, objects?: { readonly from: string; readonly to: string }): Promise<boolean>;
  /** The job that goes on after this file. */
  enqueue(after?: string): Promise<void>;
}

/** Whoever has looked up where the unencrypted bytes are has time to open them. */
const graceMs = 10 * 60_000;

export function createRewrapStore(database: Database, clock: Clock): RewrapStore {
  const { db, write } = database.forService<'file' | 'fileSegment'>('files');
  return {
    async masterKeyIds() {
      // Jumps from one id to the next in the index: there are few ids and many files.
      const rows = await db.$queryRaw<{ id: string | null }[]>`
        WITH RECURSIVE ids AS (
          (SELECT master_key_id AS id FROM files.files WHERE master_key_id IS NOT NULL ORDER BY master_key_id LIMIT 1)
          UNION ALL
          SELECT (SELECT min(master_key_id) FROM files.files WHERE master_key_id > ids.id) FROM ids WHERE ids.id IS NOT NULL
        )
        SELECT id FROM ids WHERE id IS NOT NULL
        UNION ALL
        (SELECT NULL FROM files.files WHERE master_key_id IS NULL LIMIT 1)`;
      return rows.map(({ id }) => id);
    },
    async findOneUnder(masterKeyId) {
      const select = { id: true, wrappedKey: true, masterKeyId: true };
      return (await db.file.findFirst({ where: { masterKeyId }, orderBy: { id: 'desc' }, select })) ?? undefined;
    },
    countUnder: (masterKeyIds) => db.file.count({ where: { masterKeyId: { in: [...masterKeyIds] } } }),
    countNotUnder: (masterKeyId) =>
      db.file.count({ where: { OR: [{ masterKeyId: null }, { masterKeyId: { not: masterKeyId } }] } }),
    listToRewrap: ({ after, masterKeyIds, take }) =>
      db.file.findMany({
        where: {
          ...(after === undefined ? {} : { id: { gt: after } }),
          OR: [{ masterKeyId: null }, { masterKeyId: { in: [...masterKeyIds] } }],
        },
        orderBy: { id: 'asc' },
        take,
        select: { id: true, wrappedKey: true, masterKeyId: true, status: true, size: true, sha256: true },
      }),
    async replaceKey({ id, wrappedKey }, key) {
      // The file itself is the same as before, so it was not updated.
      await db.$executeRaw`
        UPDATE files.files SET wrapped_key = ${key.wrappedKey}, master_key_id = ${key.masterKeyId}
        WHERE id = ${id}::uuid AND wrapped_key = ${wrappedKey}`;
    },
    encrypt: (fileId, { wrappedKey, masterKeyId }, objects) =>
      write(async (tx) => {
        const changed = await tx.db.$executeRaw`
          UPDATE files.files SET wrapped_key = ${wrappedKey}, master_key_id = ${masterKeyId}
          WHERE id = ${fileId}::uuid AND wrapped_key IS NULL AND (status = 'AWAITING_BYTES') = ${objects === undefined}`;
        if (changed === 0 || objects === undefined) return changed > 0;
        const { from, to } = objects;
        await tx.db.fileSegment.update({ where: { storeKey: from }, data: { storeKey: to } });
        tx.enqueue({ job: 'deleteBytes', data: { storeKeys: [from] }, startAfter: new Date(clock() + graceMs) });
        return true;
      }),
    enqueue: (after) =>
      write(async (tx) => tx.enqueue({ job: 'rewrapFileKeys', data: after === undefined ? {} : { after } })),
  };
}
