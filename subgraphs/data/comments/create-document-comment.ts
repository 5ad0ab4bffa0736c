// Comments on a document.
import { newId, requireId } from '../../../platform/ids.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import { requireText } from '../../../platform/text.ts';
import type { Viewer } from '../access.ts';
import { requireOpen } from '../documents/change-document.ts';
import { requireUnlocked } from '../documents/locked-document.ts';
import type { DocumentAction } from '../documents/require-document.ts';
import { requireDocument } from '../documents/require-document.ts';
import { commentEvent } from '../events.ts';
import type { DocumentCommentModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import { commentable } from './comment-access.ts';
import type { CommentWithDocument } from './require-comment.ts';
import { insertComment } from './store.ts';

const commenting: DocumentAction = {
  allowed: commentable,
  permission: 'CREATE_DOCUMENT_COMMENTS',
  field: 'input.documentId',
};

/** Of the text of a comment. */
export const commentText = { least: 1, most: 10_000 };

export interface NewComment {
  readonly documentId: string;
  readonly text: string;
}

/**
 * NOT_FOUND for a document that the viewer does not see, FORBIDDEN where the viewer may not comment, ILLEGAL_STATE when
 * its schema is disabled, LOCKED_DOCUMENT while a transition of it waits.
 */
export async function createDocumentComment(
  given: NewComment,
  viewer: Viewer,
  { database }: DataParts,
): Promise<CommentWithDocument> {
  const documentId = requireId(given.documentId, 'input.documentId');
  const text = requireText(given.text, 'input.text', commentText);
  const creatorId = requireUser(viewer.identity).userId;
  return database.write(async (tx) => {
    const found = await requireDocument(tx.db, { id: documentId, lock: true }, { viewer, action: commenting });
    requireOpen(found.schema);
    await requireUnlocked(tx.db, found.document, viewer.now);
    const at = new Date(viewer.now);
    const comment: DocumentCommentModel = { id: newId(), documentId, creatorId, text, createdAt: at, updatedAt: at };
    await insertComment(tx.db, comment);
    tx.publish(commentEvent('document_comment_created', comment, found.schema.id));
    return { ...found, comment };
  });
}
