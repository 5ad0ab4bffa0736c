// The events that this service publishes: ids and states only, and what access to them is decided on.
import { isDeepStrictEqual } from 'node:util';
import type { NewEvent } from '../../platform/events/event.ts';
import type { JsonObject } from './json/plain-json.ts';
import type { DocumentCommentModel, DocumentModel, DocumentSchemaModel } from './models.ts';

export const documentEventKinds = {
  document_created: 'CREATED',
  document_updated: 'UPDATED',
  document_transitioned: 'TRANSITIONED',
  document_deleted: 'DELETED',
} as const;

/** What happened to a document other than a transition, which `documentTransitioned` tells. */
export type DocumentEventType = Exclude<keyof typeof documentEventKinds, 'document_transitioned'>;

/** What of a document events tell, and what access to it is decided on. */
export type DocumentState = DocumentEventColumns & Pick<DocumentModel, 'id' | 'schemaId' | 'creatorId' | 'version'>;

/** Columns that change, and that access and filters read. */
export type DocumentEventColumns = Pick<
  DocumentModel,
  'userIds' | 'groupIds' | 'status' | 'statusChangedAt' | 'updatedAt'
>;

export interface DocumentStates {
  /** As it is after the change; a deleted one as it was. */
  readonly document: DocumentState;
  /** As it was before, of one that was there and still is. */
  readonly before?: DocumentState;
}

export function documentEvent(type: DocumentEventType, states: DocumentStates, schemaName: string): NewEvent {
  return { type, content: documentContent(states.document, schemaName), access: documentAccess(states) };
}

/** These transitions ran, in this order, on a document that was there before. */
export function documentTransitioned(
  states: DocumentStates,
  schemaName: string,
  transitions: readonly string[],
): NewEvent {
  return {
    type: 'document_transitioned',
    content: { ...documentContent(states.document, schemaName), transitions },
    access: documentAccess(states),
  };
}

/** A file belongs to a document, or does not any more, or others than before see the document that it belongs to. */
export function fileLinksChanged(fileId: string, before: DocumentState | null, after: DocumentState | null): NewEvent {
  const access = { before: before && linksOf(before), after: after && linksOf(after) };
  const { id: documentId, schemaId } = (after ?? before) as DocumentState;
  return { type: 'file_links_changed', content: { fileId, documentId, schemaId, linked: after !== null }, access };
}

/** What the `visible` rule of documents reads. */
function linksOf({ schemaId, creatorId, userIds, groupIds }: DocumentState) {
  return { schemaId, creatorId, userIds, groupIds };
}

/** A transition that waited could not go on: the document is as it was before. */
export function documentTransitionFailed(
  { id, schemaId }: Pick<DocumentModel, 'id' | 'schemaId'>,
  schemaName: string,
  transition: string,
): NewEvent {
  return { type: 'document_transition_failed', content: { documentId: id, schemaId, schemaName, transition } };
}

/** What an action of type `task` asks for. */
export interface RequestedTask {
  readonly functionName: string;
  /** Null: the function's own. */
  readonly priority: number | null;
  /** What the author of the schema wrote, with `schemaId` and `documentId`. */
  readonly data: JsonObject;
  /** Null: the platform itself. */
  readonly initiatorId: string | null;
}

export function taskRequested({ functionName, priority, data, initiatorId }: RequestedTask): NewEvent {
  return { type: 'task_requested', content: { functionName, priority, data, initiatorId } };
}

export type CommentEventType = 'document_comment_created' | 'document_comment_updated' | 'document_comment_deleted';

/** Ids only: what was said is for those who may see the document. */
export function commentEvent(
  type: CommentEventType,
  comment: Pick<DocumentCommentModel, 'id' | 'documentId' | 'creatorId'>,
  schemaId: string,
): NewEvent {
  const { id: commentId, documentId, creatorId } = comment;
  return { type, content: { commentId, documentId, schemaId, creatorId } };
}

export type SchemaEventType =
  | 'schema_created'
  | 'schema_updated'
  | 'schema_disabled'
  | 'schema_enabled'
  | 'schema_deleted';

/** `access`: where it changes who sees documents, see live/schema-sight.ts. */
export function schemaEvent(
  type: SchemaEventType,
  { id, name }: Pick<DocumentSchemaModel, 'id' | 'name'>,
  access?: NewEvent['access'],
): NewEvent {
  return { type, content: { schemaId: id, name }, ...(access === undefined ? {} : { access }) };
}

function documentContent(document: DocumentState, schemaName: string) {
  const { id, schemaId, creatorId, userIds, groupIds, status, version } = document;
  return { documentId: id, schemaId, schemaName, status, version, creatorId, userIds, groupIds };
}

/** What the `visible` rule of documents reads, and the columns that filters read: as it is, and as far as it was other. */
function documentAccess({ document, before }: DocumentStates) {
  const { schemaId, creatorId } = document;
  const columns = columnsOf(document);
  const earlier = before && Object.entries(columnsOf(before));
  const changed = earlier?.filter(([name, value]) => !isDeepStrictEqual(value, columns[name as keyof typeof columns]));
  return { schemaId, creatorId, ...columns, before: changed === undefined ? null : Object.fromEntries(changed) };
}

function columnsOf({ userIds, groupIds, status, statusChangedAt, updatedAt }: DocumentState): DocumentEventColumns {
  return { userIds, groupIds, status, statusChangedAt, updatedAt };
}
