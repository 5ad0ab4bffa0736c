// The events that this service publishes: ids and states only, and what access to them is decided on.
import type { NewEvent } from '../../platform/events/event.ts';
import type { DocumentModel, DocumentSchemaModel } from './models.ts';

export const documentEventKinds = {
  document_created: 'CREATED',
  document_updated: 'UPDATED',
  document_deleted: 'DELETED',
} as const;

export type DocumentEventType = keyof typeof documentEventKinds;

/** The document as it is after the change; a deleted one as it was. */
export function documentEvent(type: DocumentEventType, document: DocumentModel, schemaName: string): NewEvent {
  const { id, schemaId, creatorId, userIds, groupIds, status } = document;
  return {
    type,
    content: { documentId: id, schemaId, schemaName, status, creatorId, userIds, groupIds },
    access: { schemaId, creatorId, userIds, groupIds },
  };
}

export function schemaCreated({ id, name }: DocumentSchemaModel): NewEvent {
  return { type: 'schema_created', content: { schemaId: id, name } };
}
