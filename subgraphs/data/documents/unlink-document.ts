// Ends links of a document to users, groups and files. What is not linked is passed over, and need not exist.
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import type { DataParts } from '../parts.ts';
import { withoutLinks } from '../workflow/change-links.ts';
import { changeLinks, linking } from './change-links.ts';
import { unlinkFiles } from './document-file-store.ts';
import type { DocumentLinks } from './link-document.ts';
import { requireLinks } from './link-document.ts';
import type { DocumentWithSchema } from './store.ts';

export interface EndedLinks extends DocumentLinks {
  readonly allUsers?: boolean;
  readonly allGroups?: boolean;
}

/** Throws as `changeLinks` does. */
export async function unlinkDocument(
  { id: givenId, userIds, groupIds, fileIds, allUsers = false, allGroups = false, ...expectation }: EndedLinks,
  viewer: Viewer,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const id = requireId(givenId, 'input.id');
  const links = requireLinks({ userIds, groupIds, fileIds });
  const people = allUsers || allGroups || links.userIds.length + links.groupIds.length > 0;
  return changeLinks(
    {
      id,
      action: linking({ people, files: links.fileIds.length > 0 }),
      expectation,
      people: (draft, setting) => {
        const gone = { userIds: allUsers ? draft.userIds : links.userIds, groupIds: links.groupIds };
        const left = withoutLinks(draft, gone, setting);
        return allGroups ? { ...left, groupIds: [], syncedGroupIds: [] } : left;
      },
      files: async (db) => ({
        linked: [],
        unlinked: links.fileIds.length === 0 ? [] : await unlinkFiles(db, id, links.fileIds),
      }),
    },
    viewer,
    parts,
  );
}
