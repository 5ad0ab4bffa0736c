// What an event tells of a document: what happened, and what it was before and after, as far as access and filters go.
import type { JsonObject, LogEvent } from '../../../platform/events/event.ts';
import type { DocumentEventColumns } from '../events.ts';
import { documentEventKinds } from '../events.ts';

export interface DocumentEvent {
  readonly kind: (typeof documentEventKinds)[keyof typeof documentEventKinds];
  readonly position: bigint;
  readonly documentId: string;
  readonly schemaId: string;
  /** After the change; of a deleted document its last one. */
  readonly version: number;
  /** Null: it was not there. */
  readonly before: DocumentEventState | null;
  readonly after: DocumentEventState | null;
}

/** The columns that the rule of who sees a document reads, and, in all but old events, those that filters read. */
export type DocumentEventState = Readonly<Record<string, unknown>> & Partial<DocumentEventColumns>;

/** Undefined for events of other kinds, and for those that do not say what access is decided on. */
export function readDocumentEvent({ type, position, content, access }: LogEvent): DocumentEvent | undefined {
  if (!Object.hasOwn(documentEventKinds, type) || access === null) return undefined;
  const kind = documentEventKinds[type as keyof typeof documentEventKinds];
  const { documentId, version } = content;
  const { before, ...state } = access;
  if (typeof documentId !== 'string' || typeof state.schemaId !== 'string') return undefined;
  const known = { kind, position, documentId, schemaId: state.schemaId, version: Number(version) };
  const now = stateFrom(state);
  if (kind === 'DELETED') return { ...known, before: now, after: null };
  if (kind === 'CREATED') return { ...known, before: null, after: now };
  return { ...known, before: { ...now, ...stateFrom((before ?? {}) as JsonObject) }, after: now };
}

function stateFrom(stored: JsonObject): DocumentEventState {
  const moments = ['statusChangedAt', 'updatedAt'].filter((name) => typeof stored[name] === 'string');
  return { ...stored, ...Object.fromEntries(moments.map((name) => [name, new Date(String(stored[name]))])) };
}
