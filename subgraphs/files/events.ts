// The events that this service publishes. No names, tags or types of files: readers of the log see the content.
import type { NewEvent } from '../../platform/events/event.ts';
import type { FileModel } from './models.ts';

export function fileCreated(file: FileModel): NewEvent {
  return { type: 'file_created', content: { fileId: file.id, creatorId: file.creatorId }, access: access(file) };
}

/** The bytes of the file have arrived. */
export function fileUploaded(file: FileModel): NewEvent {
  return { type: 'file_uploaded', content: { fileId: file.id, creatorId: file.creatorId }, access: access(file) };
}

/** The file is gone, and its bytes are about to be. */
export function fileDeleted(file: Pick<FileModel, 'id' | 'creatorId'>): NewEvent {
  return { type: 'file_deleted', content: { fileId: file.id, creatorId: file.creatorId }, access: access(file) };
}

/** What visible-file.ts reads. */
function access({ id, creatorId }: Pick<FileModel, 'id' | 'creatorId'>): NewEvent['access'] {
  return { id, creatorId };
}
