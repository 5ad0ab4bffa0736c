// Links users, groups and files to a document. Users and groups change who sees it, so that takes a permission of its
// own; a file takes the right to change the document, and to see the file.
import { notFound } from '../../../platform/errors.ts';
import { requireId, requireIds } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import type { DataParts } from '../parts.ts';
import { withLinks } from '../workflow/change-links.ts';
import { changeLinks, linking } from './change-links.ts';
import { linkFiles } from './document-file-store.ts';
import { findExistingGroups, findExistingUsers, findVisibleFiles } from './existing-references.ts';
import type { Expectation } from './expectation.ts';
import { requireDocument } from './require-document.ts';
import type { DocumentWithSchema } from './store.ts';

export interface Links {
  readonly userIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly fileIds: readonly string[];
}

export interface DocumentLinks extends Partial<Links>, Expectation {
  readonly id: string;
}

/** Throws as `changeLinks` does, and NOT_FOUND naming the first user, group or file that is not there. */
export async function linkDocument(
  { id: givenId, userIds, groupIds, fileIds, ...expectation }: DocumentLinks,
  viewer: Viewer,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const id = requireId(givenId, 'input.id');
  const links = requireLinks({ userIds, groupIds, fileIds });
  const action = linking({
    people: links.userIds.length + links.groupIds.length > 0,
    files: links.fileIds.length > 0,
  });
  // Before anything is asked of other services: who may not link learns nothing about users, groups and files.
  await requireDocument(parts.database.db, { id, lock: false }, { viewer, action });
  await requireReferences(links, viewer, parts);
  return changeLinks(
    {
      id,
      action,
      expectation,
      people: (draft, setting) => withLinks(draft, links, setting),
      files: async (db, now) => ({
        linked: links.fileIds.length === 0 ? [] : await linkFiles(db, id, links.fileIds, now),
        unlinked: [],
      }),
    },
    viewer,
    parts,
  );
}

/** Distinct ids in lower case, or BAD_USER_INPUT naming the one at fault. */
export function requireLinks({ userIds = [], groupIds = [], fileIds = [] }: Partial<Links>): Links {
  return {
    userIds: requireIds(userIds, 'input.userIds'),
    groupIds: requireIds(groupIds, 'input.groupIds'),
    fileIds: requireIds(fileIds, 'input.fileIds'),
  };
}

async function requireReferences(
  { userIds, groupIds, fileIds }: Links,
  { identity }: Viewer,
  { services }: DataParts,
): Promise<void> {
  const requireAll = (ids: readonly string[], found: ReadonlySet<string>, what: { name: string; field: string }) => {
    const missing = ids.findIndex((id) => !found.has(id));
    if (missing !== -1) throw notFound(what.name, `${what.field}.${missing}`);
  };
  const [users, groups, files] = await Promise.all([
    findExistingUsers(services, userIds),
    findExistingGroups(services, groupIds),
    findVisibleFiles(services, fileIds, identity),
  ]);
  requireAll(userIds, users, { name: 'User', field: 'input.userIds' });
  requireAll(groupIds, groups, { name: 'Group', field: 'input.groupIds' });
  requireAll(fileIds, files, { name: 'File', field: 'input.fileIds' });
}
