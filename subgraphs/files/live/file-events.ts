// What events tell of files: of the file itself, and of documents that it belongs to.
import type { JsonObject, LogEvent } from '../../../platform/events/event.ts';
import type { FileChangeModel } from '../models.ts';

export interface FileEvent {
  readonly what: 'file';
  readonly fileId: string;
  readonly kind: FileChangeModel['kind'];
  /** Fields of the file that are different. */
  readonly fields: ReadonlySet<string>;
  /** What of the file decides who sees it; of one that is gone nothing else is known. */
  readonly access: JsonObject;
}

/** Who sees a document sees its files: its links before and after; null where the file did not belong to it. */
export interface FileLinksEvent {
  readonly what: 'links';
  readonly fileId: string;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
}

const uploaded = { kind: 'UPLOADED', fields: ['status', 'size', 'sha256'] } as const;

const types: Readonly<Record<string, { readonly kind: FileEvent['kind']; readonly fields?: readonly string[] }>> = {
  file_created: { kind: 'CREATED' },
  file_uploaded: uploaded,
  file_ready: { kind: 'READY', fields: ['status'] },
  file_infected: { kind: 'INFECTED', fields: ['status'] },
  file_deleted: { kind: 'DELETED' },
};

export function findFileEvent({ type, content, access }: LogEvent): FileEvent | FileLinksEvent | undefined {
  const { fileId } = content;
  if (access === null || typeof fileId !== 'string') return undefined;
  if (type === 'file_links_changed') {
    const { before, after } = access as Pick<FileLinksEvent, 'before' | 'after'>;
    return { what: 'links', fileId, before, after };
  }
  const facts = Object.hasOwn(types, type) ? types[type] : undefined;
  return facts && { what: 'file', fileId, kind: facts.kind, fields: new Set(facts.fields), access };
}
