// Links users, groups and files to a document. Users and groups change who sees it, so that takes a permission of its
// own; a file takes the right to change the document, and to see the file.
import type { Condition } from '../../platform/access/condition.ts';
import { all, always, never } from '../../platform/access/condition.ts';
import { notFound } from '../../platform/errors.ts';
import { requireId, requireIds } from '../../platform/ids.ts';
import type { Viewer } from './access.ts';
import { mayLink, readable, writable } from './access.ts';
import { linkFiles } from './document-file-store.ts';
import type { DocumentWithSchema } from './document-store.ts';
import { writeDocument } from './document-store.ts';
import { documentEvent } from './events.ts';
import { findInvisibleFiles, findMissingGroups, findMissingUsers } from './existing-references.ts';
import type { DataParts } from './parts.ts';
import type { DocumentAction } from './require-document.ts';
import { requireDocument } from './require-document.ts';

export interface DocumentLinks {
  readonly id: string;
  readonly userIds?: readonly string[];
  readonly groupIds?: readonly string[];
  readonly fileIds?: readonly string[];
}

type Links = Required<DocumentLinks>;

/** Throws as `requireDocument` does, and NOT_FOUND naming the first user, group or file that is not there. */
export async function linkDocument(
  given: DocumentLinks,
  viewer: Viewer,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const links: Links = {
    id: requireId(given.id, 'input.id'),
    userIds: requireIds(given.userIds ?? [], 'input.userIds'),
    groupIds: requireIds(given.groupIds ?? [], 'input.groupIds'),
    fileIds: requireIds(given.fileIds ?? [], 'input.fileIds'),
  };
  const asked = { viewer, action: actionFor(links) };
  // Before anything is asked of other services: who may not link learns nothing about users, groups and files.
  await requireDocument(parts.database.db, { id: links.id, lock: false }, asked);
  await requireReferences(links, viewer, parts);
  return parts.database.write(async (tx) => {
    const { document, schema } = await requireDocument(tx.db, { id: links.id, lock: true }, asked);
    const now = new Date(viewer.now);
    const userIds = [...new Set([...document.userIds, ...links.userIds])];
    const groupIds = [...new Set([...document.groupIds, ...links.groupIds])];
    const newFiles = await linkFiles(tx.db, links.id, links.fileIds, now);
    const newLinks = userIds.length + groupIds.length + newFiles - document.userIds.length - document.groupIds.length;
    if (newLinks === 0) return { document, schema };
    const changed = { ...document, userIds, groupIds, updatedAt: now };
    await writeDocument(tx.db, changed);
    tx.publish(documentEvent('document_updated', changed, schema.name));
    return { document: changed, schema };
  });
}

function actionFor({ userIds, groupIds, fileIds }: Links): DocumentAction {
  const people = userIds.length + groupIds.length > 0;
  const allowed = (viewer: Viewer, schema: DocumentWithSchema['schema']): Condition => {
    if (!people && fileIds.length === 0) return readable(viewer, schema);
    return all(
      people && !mayLink(viewer, schema) ? never : always,
      fileIds.length > 0 ? writable(viewer, schema) : always,
    );
  };
  return { allowed, permission: people ? 'UPDATE_ACCESS_TO_DOCUMENT' : 'UPDATE_DOCUMENTS' };
}

async function requireReferences(
  { userIds, groupIds, fileIds }: Links,
  { identity }: Viewer,
  { services }: DataParts,
): Promise<void> {
  const requireNone = ([missing]: string[], ids: readonly string[], what: { name: string; field: string }) => {
    if (missing !== undefined) throw notFound(what.name, `${what.field}.${ids.indexOf(missing)}`);
  };
  const [users, groups, files] = await Promise.all([
    findMissingUsers(services, userIds),
    findMissingGroups(services, groupIds),
    findInvisibleFiles(services, fileIds, identity),
  ]);
  requireNone(users, userIds, { name: 'User', field: 'input.userIds' });
  requireNone(groups, groupIds, { name: 'Group', field: 'input.groupIds' });
  requireNone(files, fileIds, { name: 'File', field: 'input.fileIds' });
}
