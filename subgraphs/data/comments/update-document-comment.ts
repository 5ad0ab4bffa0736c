// Gives a comment a new text.
import { requireId } from '../../../platform/ids.ts';
import { requireText } from '../../../platform/text.ts';
import type { Viewer } from '../access.ts';
import { requireOpen } from '../documents/change-document.ts';
import { commentEvent } from '../events.ts';
import type { DataParts } from '../parts.ts';
import { commentWritable } from './comment-access.ts';
import { commentText } from './create-document-comment.ts';
import type { CommentWithDocument } from './require-comment.ts';
import { requireComment } from './require-comment.ts';
import { writeCommentText } from './store.ts';

export interface CommentUpdate {
  readonly id: string;
  readonly text: string;
}

/** Throws as `requireComment` does, and ILLEGAL_STATE when the schema is disabled. The same text changes nothing. */
export async function updateDocumentComment(
  given: CommentUpdate,
  viewer: Viewer,
  { database }: DataParts,
): Promise<CommentWithDocument> {
  const id = requireId(given.id, 'input.id');
  const text = requireText(given.text, 'input.text', commentText);
  return database.write(async (tx) => {
    const found = await requireComment(tx.db, id, { viewer, allowed: commentWritable });
    requireOpen(found.schema);
    if (found.comment.text === text) return found;
    const comment = { ...found.comment, text, updatedAt: new Date(viewer.now) };
    await writeCommentText(tx.db, comment);
    tx.publish(commentEvent('document_comment_updated', comment, found.schema.id));
    return { ...found, comment };
  });
}
