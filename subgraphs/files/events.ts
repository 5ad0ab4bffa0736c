// The events that this service publishes. No names, tags, types or secrets of files: readers of the log see the content.
import type { NewEvent } from '../../platform/events/event.ts';
import type { FileModel } from './models.ts';

type Facts = Pick<FileModel, 'id' | 'creatorId'>;

export function fileCreated(file: Facts): NewEvent {
  return fileEvent('file_created', file);
}

/** The bytes of the file have arrived. */
export function fileUploaded(file: Facts): NewEvent {
  return fileEvent('file_uploaded', file);
}

/** The scanner has found nothing: the bytes can be had. */
export function fileReady(file: Facts): NewEvent {
  return fileEvent('file_ready', file);
}

/** The scanner has found a virus, which it calls so. */
export function fileInfected(file: Facts, signature: string): NewEvent {
  const event = fileEvent('file_infected', file);
  return { ...event, content: { ...event.content, signature } };
}

/** The file is gone, and its bytes are about to be. */
export function fileDeleted(file: Facts): NewEvent {
  return fileEvent('file_deleted', file);
}

interface TokenFacts {
  readonly id: string;
  readonly accessLevel: string;
}

export function fileTokenCreated(token: TokenFacts, file: Facts): NewEvent {
  return tokenEvent('file_token_created', token, file);
}

export function fileTokenRevoked(token: TokenFacts, file: Facts): NewEvent {
  return tokenEvent('file_token_revoked', token, file);
}

/** `changed`: the names of the settings that were given. */
export function fileSettingsUpdated(changed: readonly string[]): NewEvent {
  return { type: 'file_settings_updated', content: { changed } };
}

function fileEvent(type: string, file: Facts): NewEvent {
  return { type, content: { fileId: file.id, creatorId: file.creatorId }, access: access(file) };
}

function tokenEvent(type: string, { id, accessLevel }: TokenFacts, file: Facts): NewEvent {
  return { type, content: { fileId: file.id, tokenId: id, accessLevel }, access: access(file) };
}

/** What visible-file.ts reads. */
function access({ id, creatorId }: Facts): NewEvent['access'] {
  return { id, creatorId };
}
