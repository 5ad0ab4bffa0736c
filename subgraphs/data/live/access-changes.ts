// What a viewer gets of events that change which documents they see without a change of any document: their own rights, and
// the modes of schemas. The payload names no document: the list is to be read again.
import { findOwnRightsChange, showsAnything } from '../../../platform/access/rights-change.ts';
import type { LogEvent } from '../../../platform/events/event.ts';
import { readableOfAny } from '../access.ts';
import type { Db } from '../documents/store.ts';
import type { DocumentChangeModel, DocumentSchemaModel } from '../models.ts';
import type { SightChange } from './schema-sight.ts';
import type { PlacedEvents, PlacedPayload, Selection } from './selection.ts';
import type { WantedDocuments } from './wanted-documents.ts';
import { findWantedSchemas } from './wanted-documents.ts';

interface AccessChange {
  readonly kind: 'ACCESS_GAINED' | 'ACCESS_LOST';
  readonly groupId: string | null;
  /** Of the schemas that are there now. */
  readonly concerns: (wanted: WantedDocuments, schemas: readonly DocumentSchemaModel[]) => boolean;
}

/** One query or two, and none where nothing of the kind happened to this viewer. */
export async function selectAccessChanges(
  db: Db,
  events: PlacedEvents,
  { wanted, viewer }: Selection,
): Promise<PlacedPayload[]> {
  const changes = events.flatMap(({ event, place }) => {
    const change = rightsChange(event, viewer) ?? schemaChange(event);
    return change === undefined ? [] : [{ place, position: event.position, change }];
  });
  if (changes.length === 0) return [];
  const schemas = await findWantedSchemas(db, wanted);
  return changes
    .filter(({ change }) => change.concerns(wanted, schemas))
    .map(({ place, position, change: { kind, groupId } }) => ({ place, payload: payloadOf(kind, position, groupId) }));
}

function payloadOf(kind: AccessChange['kind'], position: bigint, groupId: string | null): DocumentChangeModel {
  return { kind, position, documentId: null, document: null, matchesFilter: false, groupId };
}

function rightsChange(event: LogEvent, { identity, now }: Selection['viewer']): AccessChange | undefined {
  const change = findOwnRightsChange(event, identity);
  if (change === undefined) return undefined;
  const { kind, groupId } = change;
  const concerns: AccessChange['concerns'] = (_wanted, schemas) =>
    showsAnything(change, (holder) => readableOfAny({ identity: holder, now }, schemas));
  return { kind, groupId, concerns };
}

const schemaEvents: ReadonlySet<string> = new Set(['schema_updated', 'schema_deleted']);

/** Told to everybody who follows the schema, whoever they are now: rights may have changed since. */
function schemaChange({ type, content, access }: LogEvent): AccessChange | undefined {
  if (!schemaEvents.has(type) || access === null) return undefined;
  const change = access as SightChange;
  return {
    kind: change.kind,
    groupId: null,
    concerns: ({ schemaName, documentId }, schemas) => {
      if (schemaName !== undefined) return change.names.includes(schemaName);
      // The schema that the document has, where that is known.
      return documentId === undefined || schemas.length !== 1 || schemas[0]?.id === content.schemaId;
    },
  };
}
