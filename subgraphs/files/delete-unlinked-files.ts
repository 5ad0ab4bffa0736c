// What becomes of the files of a user who is gone: those that belong to a document stay with it, the others are deleted.
import type { LinkedFiles } from './linked-files.ts';
import type { FileStore } from './store.ts';

/** So many at a time: one question to `data`, one transaction. */
const batch = 100;

/**
 * May be done again: what is gone is gone. A file that somebody links at this very moment may be lost to the document;
 * only who sees every file could do so.
 */
export async function deleteUnlinkedFiles(
  creatorId: string,
  store: FileStore,
  linkedFiles: LinkedFiles,
): Promise<void> {
  for (let after: string | undefined; ; ) {
    const ids = await store.listIdsOf(creatorId, { after, first: batch });
    const linked = new Set(await linkedFiles.amongAll(ids));
    const unlinked = ids.filter((id) => !linked.has(id));
    if (unlinked.length > 0) await store.remove(unlinked);
    if (ids.length < batch) return;
    after = ids.at(-1);
  }
}
