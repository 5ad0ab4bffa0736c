// The data of documents in earlier versions: what is stored now, with what came later undone.
import type { Db } from '../documents/store.ts';
import type { JsonObject } from '../json/plain-json.ts';
import { undone } from './document-changes.ts';
import { findDataSince } from './store.ts';

export interface VersionKey {
  readonly documentId: string;
  readonly version: number;
}

/** In the order of the keys; null where the document is gone. Everything that was stored, declared or not. */
export async function findEarlierData(db: Db, keys: readonly VersionKey[]): Promise<(JsonObject | null)[]> {
  const oldest = new Map<string, number>();
  for (const { documentId, version } of keys) {
    oldest.set(documentId, Math.min(version, oldest.get(documentId) ?? version));
  }
  const found = await findDataSince(
    db,
    [...oldest].map(([documentId, version]) => ({ documentId, version })),
  );
  const histories = new Map(
    found.map(({ documentId, data, later }) => {
      const contents = new Map<number, JsonObject>();
      later.reduce((content, { version, changes }) => {
        const before = undone(content, changes);
        contents.set(version - 1, before);
        return before;
      }, data);
      return [documentId, { data, contents }] as const;
    }),
  );
  return keys.map(({ documentId, version }) => {
    const history = histories.get(documentId);
    return history === undefined ? null : (history.contents.get(version) ?? history.data);
  });
}
