// Of what pieces the bytes of a file consist, and the key that they are encrypted with: read together, so that both are
// of the same moment.
import type { Database } from '../../platform/database/database.ts';
import type { FileKeyRow } from './master-keys.ts';

export interface Segment {
  readonly storeKey: string;
  /** Bytes of the file in it, before encryption. */
  readonly size: number;
}

export interface FileSegments {
  readonly file: FileKeyRow;
  /** In the order of their bytes. */
  readonly segments: readonly Segment[];
}

export interface SegmentStore {
  /** Undefined: there is no such file (any more). */
  findSegments(fileId: string): Promise<FileSegments | undefined>;
}

interface SegmentRow extends FileKeyRow {
  readonly storeKey: string | null;
  readonly size: bigint | null;
}

export function createSegmentStore(database: Database): SegmentStore {
  const { db } = database.forService<'file' | 'fileSegment'>('files');
  return {
    async findSegments(fileId) {
      const rows = await db.$queryRaw<SegmentRow[]>`
        SELECT f.id::text, f.wrapped_key AS "wrappedKey", f.master_key_id AS "masterKeyId",
               s.store_key::text AS "storeKey", s.size
        FROM files.files f LEFT JOIN files.segments s ON s.file_id = f.id
        WHERE f.id = ${fileId}::uuid ORDER BY s.ordinal`;
      const [file] = rows;
      if (file === undefined) return undefined;
      const segments = rows.flatMap(({ storeKey, size }) =>
        storeKey === null || size === null ? [] : [{ storeKey, size: Number(size) }],
      );
      return { file, segments };
    },
  };
}
