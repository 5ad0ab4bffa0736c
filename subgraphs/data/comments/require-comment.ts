// The comment that a mutation is about: found, and the viewer may do this to it. What the viewer may not see is as if
// it were not there.
import type { Condition } from '../../../platform/access/condition.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import { forbidden, notFound } from '../../../platform/errors.ts';
import type { AccessSchema, Viewer } from '../access.ts';
import type { Db, DocumentWithSchema } from '../documents/store.ts';
import { findDocumentWithSchema } from '../documents/store.ts';
import type { DocumentCommentModel } from '../models.ts';
import { commentsReadable } from './comment-access.ts';
import type { CommentDb } from './store.ts';
import { findCommentToChange } from './store.ts';

export interface CommentWithDocument extends DocumentWithSchema {
  readonly comment: DocumentCommentModel;
}

/** Documents on which the viewer may do it to the comment. */
export type CommentAction = (viewer: Viewer, schema: AccessSchema, comment: DocumentCommentModel) => Condition;

/** NOT_FOUND for an unknown or invisible comment, FORBIDDEN for one that the viewer sees but may not do this to. */
export async function requireComment(
  db: Db & CommentDb,
  id: string,
  { viewer, allowed }: { readonly viewer: Viewer; readonly allowed: CommentAction },
): Promise<CommentWithDocument> {
  const comment = await findCommentToChange(db, id);
  const found = comment && (await findDocumentWithSchema(db, comment.documentId, { lock: false }));
  if (comment === undefined || found === undefined) throw notFound('Comment', 'input.id');
  const row = { ...found.document };
  if (matches(allowed(viewer, found.schema, comment), row)) return { ...found, comment };
  throw matches(commentsReadable(viewer, found.schema), row)
    ? forbidden('UPDATE_DOCUMENT_COMMENTS')
    : notFound('Comment', 'input.id');
}
