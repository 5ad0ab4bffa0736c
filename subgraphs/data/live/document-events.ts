// What a viewer gets of events of documents: by what the document was before and after, and by what it is now.
import { matches } from '../../../platform/access/condition-matches.ts';
import { readable } from '../access.ts';
import type { Db } from '../documents/store.ts';
import { findDocuments } from '../documents/store.ts';
import type { DocumentChangeModel, DocumentModel, DocumentSchemaModel } from '../models.ts';
import { findSchemasById } from '../schemas/store.ts';
import type { DocumentEvent, DocumentEventState } from './document-states.ts';
import { readDocumentEvent } from './document-states.ts';
import { passesFilter } from './filtered-events.ts';
import type { PlacedEvents, PlacedPayload, Selection } from './selection.ts';

/** An event that the viewer may hear of. */
interface SeenEvent {
  readonly place: number;
  readonly event: DocumentEvent;
  readonly schema: DocumentSchemaModel;
  readonly kind: DocumentChangeModel['kind'];
}

/** Two queries for a batch, and those that a filter takes. */
export async function selectDocumentEvents(
  db: Db,
  events: PlacedEvents,
  selection: Selection,
): Promise<PlacedPayload[]> {
  const seen = await selectSeen(db, events, selection);
  const shown = seen.filter(({ kind }) => isShown(kind)).map(({ event }) => event.documentId);
  const wanted = selection.wanted.filter === undefined ? shown : seen.map(({ event }) => event.documentId);
  const ids = [...new Set(wanted)];
  const documents = new Map((ids.length === 0 ? [] : await findDocuments(db, ids)).map((row) => [row.id, row]));
  const payloads = await Promise.all(
    seen.map((each) => payloadOf(each, documents.get(each.event.documentId), selection)),
  );
  return payloads.filter((payload) => payload !== undefined);
}

async function selectSeen(db: Db, events: PlacedEvents, { wanted, viewer }: Selection): Promise<SeenEvent[]> {
  const read = events.flatMap(({ event: logged, place }) => {
    const event = readDocumentEvent(logged);
    return event === undefined ? [] : [{ event, place }];
  });
  const schemaIds = [...new Set(read.map(({ event }) => event.schemaId))];
  const found = schemaIds.length === 0 ? [] : await findSchemasById(db, schemaIds);
  const schemas = new Map(found.map((schema) => [schema.id, schema]));
  // What is shown of the documents will ask for their schemas.
  for (const schema of found) viewer.loaders.schemaById.prime(schema.id, schema);
  return read.flatMap(({ event, place }) => {
    const schema = schemas.get(event.schemaId);
    if (schema === undefined || (wanted.schemaName ?? schema.name) !== schema.name) return [];
    if ((wanted.documentId ?? event.documentId) !== event.documentId) return [];
    const rule = readable(viewer, schema);
    const sees = (state: DocumentEventState | null) => state !== null && matches(rule, state);
    const kind = kindFor(event, { before: sees(event.before), after: sees(event.after) });
    return kind === undefined ? [] : [{ place, event, schema, kind }];
  });
}

/** What happened for a viewer who saw the document before, or sees it after. */
function kindFor(
  { kind, before, after }: DocumentEvent,
  sees: { readonly before: boolean; readonly after: boolean },
): DocumentChangeModel['kind'] | undefined {
  if (!sees.before && !sees.after) return undefined;
  if (before === null || after === null || sees.before === sees.after) return kind;
  return sees.after ? 'ACCESS_GAINED' : 'ACCESS_LOST';
}

function isShown(kind: DocumentChangeModel['kind']): boolean {
  return kind !== 'DELETED' && kind !== 'ACCESS_LOST';
}

async function payloadOf(
  { place, event, schema, kind }: SeenEvent,
  document: DocumentModel | undefined,
  { wanted, viewer }: Selection,
): Promise<PlacedPayload | undefined> {
  // What went on with a document that the viewer does not see any more is not told, only that it is out of sight.
  if (isShown(kind) && document !== undefined && !matches(readable(viewer, schema), { ...document })) return undefined;
  const passes = await passesFilter({ event, document, kind }, wanted.filter, viewer.loaders);
  if (passes === undefined) return undefined;
  const { position, documentId } = event;
  const shown = isShown(kind) ? (document ?? null) : null;
  const matchesFilter = shown !== null && passes;
  return { place, payload: { kind, position, documentId, document: shown, matchesFilter, groupId: null } };
}
