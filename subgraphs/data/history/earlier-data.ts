// The data of documents in earlier versions: what is stored now, with what came later undone, step by step. Of all the
// contents on the way it keeps those that are asked for, and of all the changes it holds a batch at a time.
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { JsonObject } from '../json/plain-json.ts';
import { undone } from './document-changes.ts';
import type { ContentRow, Reach } from './store.ts';
import { findContents } from './store.ts';

export interface VersionKey {
  readonly documentId: string;
  readonly version: number;
}

/** Of changes that are read at once, more or less. */
const bytesOfBatch = 2_000_000;

/**
 * In the order of the keys; null where the document is gone, or has no such version. Everything that was stored,
 * declared or not. Writers do no harm between two batches: what a version changed stays as it is.
 */
export async function findEarlierData(
  db: SlowReads,
  keys: readonly VersionKey[],
  bytes = bytesOfBatch,
): Promise<(JsonObject | null)[]> {
  const contents = new Map<string, JsonObject | null>(keys.map((key) => [nameOf(key), null]));
  const reached = new Map<string, Reached>();
  let reaches = furthest(keys);
  while (reaches.length > 0) {
    for (const row of await findContents(db, reaches, bytes)) {
      const content = contentOf(row, reached.get(row.documentId));
      reached.set(row.documentId, { version: row.version, content });
      if (contents.has(nameOf(row))) contents.set(nameOf(row), content);
    }
    reaches = reaches.flatMap(({ documentId, oldest, version: before }) => {
      const version = reached.get(documentId)?.version;
      // Where it came no further the document was deleted.
      const isDone = version === undefined || version === before || version <= oldest;
      return isDone ? [] : [{ documentId, oldest, version }];
    });
  }
  return keys.map((key) => contents.get(nameOf(key)) ?? null);
}

interface Reached {
  readonly version: number;
  readonly content: JsonObject;
}

function contentOf({ data, changes }: ContentRow, later: Reached | undefined): JsonObject {
  if (data !== null) return data;
  if (later === undefined) throw new Error('A version was read before the one after it.');
  return undone(later.content, changes);
}

/** The oldest version asked for of each document. */
function furthest(keys: readonly VersionKey[]): Reach[] {
  const oldest = new Map<string, number>();
  for (const { documentId, version } of keys) {
    oldest.set(documentId, Math.min(version, oldest.get(documentId) ?? version));
  }
  return [...oldest].map(([documentId, version]) => ({ documentId, oldest: version, version: undefined }));
}

function nameOf({ documentId, version }: VersionKey): string {
  return `${documentId} ${version}`;
}
