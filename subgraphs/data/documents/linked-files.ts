// Which files the viewer sees because they belong to a document that the viewer sees; asked by the service that owns
// the files.

import { comparesOwnId, forAllMembers } from '../../../platform/access/condition-for-all.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import { invalidInput } from '../../../platform/errors.ts';
import { requireId, requireIds } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { readableOfAny } from '../access.ts';
import { findAllSchemas } from '../schemas/store.ts';
import { findDocumentsOfFiles, findLinkedFiles, listLinkedFiles } from './document-file-store.ts';
import type { Db } from './store.ts';

const mostFiles = 1_000;

/** Those of the files that belong to a document which the viewer sees. */
export async function findVisibleLinkedFiles(db: Db, viewer: Viewer, fileIds: readonly string[]): Promise<string[]> {
  const ids = requireIds(fileIds, 'fileIds', mostFiles);
  if (ids.length === 0) return [];
  const visible = readableOfAny(viewer, await findAllSchemas(db));
  const linked = new Set(await findLinkedFiles(db, forAllMembers(visible), ids));
  const others = comparesOwnId(visible) ? ids.filter((id) => !linked.has(id)) : [];
  if (others.length > 0) {
    // Any member of an access class: `matches` notes who sees the rest for being who they are.
    for (const { fileId, ...document } of await findDocumentsOfFiles(db, others)) {
      if (matches(visible, document)) linked.add(fileId);
    }
  }
  return [...linked];
}

/** The files of all documents that the viewer sees, newest first, from the one `before` on. */
export async function listVisibleLinkedFiles(
  db: Db,
  viewer: Viewer,
  { before, first }: { readonly before?: string | null; readonly first: number },
): Promise<string[]> {
  if (first < 0 || first > mostFiles) throw invalidInput('first', `must be 0 to ${mostFiles}.`);
  const from = before === null || before === undefined ? undefined : requireId(before, 'before');
  return listLinkedFiles(db, readableOfAny(viewer, await findAllSchemas(db)), { before: from, first });
}
