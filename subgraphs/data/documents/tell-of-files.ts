// Tells of each file of a document that others than before may see it: who sees a document sees its files.
import { isDeepStrictEqual } from 'node:util';
import type { WriteTransaction } from '../../../platform/database/database.ts';
import type { DocumentState } from '../events.ts';
import { fileLinksChanged } from '../events.ts';
import { findFilesOf } from './document-file-store.ts';

/** A document before and after a change; null: it is gone. */
export interface DocumentWithFiles {
  readonly before: DocumentState;
  readonly after: DocumentState | null;
  /** Files that were linked or unlinked by the change. */
  readonly linked?: readonly string[];
  readonly unlinked?: readonly string[];
}

/** One query for all documents whose people changed, and none for others. */
export async function tellOfFiles(
  tx: Pick<WriteTransaction<'document' | 'documentSchema' | 'documentFile'>, 'db' | 'publish'>,
  changes: readonly DocumentWithFiles[],
): Promise<void> {
  const moved = changes.filter(({ before, after }) => after !== null && !hasSamePeople(before, after));
  const files =
    moved.length === 0
      ? undefined
      : await findFilesOf(
          tx.db,
          moved.map(({ before }) => before.id),
        );
  for (const change of changes) {
    const { before, after, linked = [], unlinked = [] } = change;
    for (const fileId of linked) tx.publish(fileLinksChanged(fileId, null, after));
    for (const fileId of unlinked) tx.publish(fileLinksChanged(fileId, before, null));
    if (!moved.includes(change)) continue;
    for (const fileId of files?.get(before.id) ?? []) {
      if (!linked.includes(fileId)) tx.publish(fileLinksChanged(fileId, before, after));
    }
  }
}

function hasSamePeople(before: DocumentState, after: DocumentState): boolean {
  return isDeepStrictEqual([before.userIds, before.groupIds], [after.userIds, after.groupIds]);
}
