// Who may do what with comments. All of it begins with seeing the document: who does not, finds no comments.
import type { Condition } from '../../../platform/access/condition.ts';
import { all, always, any, includesOwn, isOwn, never, overlaps } from '../../../platform/access/condition.ts';
import { holdsEverywhere, scope } from '../../../platform/access/scope.ts';
import { isSignedIn } from '../../../platform/identity/identity.ts';
import type { AccessSchema, Viewer } from '../access.ts';
import { readable } from '../access.ts';
import type { DocumentCommentModel } from '../models.ts';

type CommentPermission = `${'CREATE' | 'VIEW' | 'UPDATE'}_DOCUMENT_COMMENTS`;

/** The documents of a schema whose comments the viewer sees. */
export function commentsReadable(viewer: Viewer, schema: AccessSchema): Condition {
  return all(readable(viewer, schema), any(own(viewer), held(viewer, schema, 'VIEW_DOCUMENT_COMMENTS')));
}

/** The documents of a schema that the viewer may comment on. */
export function commentable(viewer: Viewer, schema: AccessSchema): Condition {
  return all(readable(viewer, schema), any(own(viewer), held(viewer, schema, 'CREATE_DOCUMENT_COMMENTS')));
}

/** The documents on which the viewer may write this comment anew: for what others said, a group gives no right to that. */
export function commentWritable(viewer: Viewer, schema: AccessSchema, comment: DocumentCommentModel): Condition {
  const permitted = holdsEverywhere(viewer.identity, ...spellings(schema, 'UPDATE_DOCUMENT_COMMENTS'));
  return all(readable(viewer, schema), any(saidBy(viewer, comment), permitted ? always : never));
}

/** The documents from which the viewer may delete this comment. */
export function commentDeletable(viewer: Viewer, schema: AccessSchema, comment: DocumentCommentModel): Condition {
  const permitted = held(viewer, schema, 'UPDATE_DOCUMENT_COMMENTS');
  return all(readable(viewer, schema), any(saidBy(viewer, comment), permitted));
}

function saidBy({ identity }: Viewer, { creatorId }: DocumentCommentModel): Condition {
  return identity.userId === creatorId ? always : never;
}

/** Created by the viewer, or linked to the viewer, whatever the schema's modes. */
function own({ identity }: Viewer): Condition {
  if (!isSignedIn(identity)) return never;
  return any(isOwn('creatorId', identity), includesOwn('userIds', identity));
}

/** Everywhere, with or without the schema's name; in a group of the document only without. */
function held({ identity }: Viewer, schema: AccessSchema, permission: CommentPermission): Condition {
  if (holdsEverywhere(identity, ...spellings(schema, permission))) return always;
  const where = scope(identity, permission);
  return where.everywhere ? always : overlaps('groupIds', where.groups);
}

function spellings<P extends CommentPermission>({ name }: AccessSchema, permission: P) {
  return [permission, `${permission}:${name}`] as const;
}
