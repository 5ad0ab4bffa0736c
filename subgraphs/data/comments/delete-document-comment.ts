// Deletes a comment for good.
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { requireOpen } from '../documents/change-document.ts';
import { commentEvent } from '../events.ts';
import type { DataParts } from '../parts.ts';
import { commentDeletable } from './comment-access.ts';
import { requireComment } from './require-comment.ts';
import { removeComment } from './store.ts';

/** The id of the comment that is gone. Throws as `requireComment` does, and ILLEGAL_STATE when the schema is disabled. */
export async function deleteDocumentComment(
  { id: givenId }: { readonly id: string },
  viewer: Viewer,
  { database }: DataParts,
): Promise<string> {
  const id = requireId(givenId, 'input.id');
  await database.write(async (tx) => {
    const { comment, schema } = await requireComment(tx.db, id, { viewer, allowed: commentDeletable });
    requireOpen(schema);
    await removeComment(tx.db, id);
    tx.publish(commentEvent('document_comment_deleted', comment, schema.id));
  });
  return id;
}
