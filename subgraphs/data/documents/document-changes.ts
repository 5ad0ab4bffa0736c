// The source of the subscription `documentChanged`: decides of each event whether this viewer gets it, by what the
// document was then and by what it is now.
import { matches } from '../../../platform/access/condition-matches.ts';
import type { LogEvent } from '../../../platform/events/event.ts';
import { requireId } from '../../../platform/ids.ts';
import type { SubscriptionSource } from '../../../platform/subgraph/define-subgraph.ts';
import type { Viewer } from '../access.ts';
import { readable } from '../access.ts';
import { documentEventKinds } from '../events.ts';
import type { DataLoaders } from '../loaders.ts';
import type { DocumentChangeModel, DocumentSchemaModel } from '../models.ts';
import { schemaNotFound } from '../schemas/schema-not-found.ts';
import { findSchemasById, findSchemasByName } from '../schemas/store.ts';
import type { Db } from './store.ts';
import { findDocuments } from './store.ts';

interface Wanted {
  readonly schemaName?: string | null;
  readonly documentId?: string | null;
}

/** Reads anew for every batch: a subscription may be open for long, and what its viewer may see changes. */
export function documentChanges(db: Db): SubscriptionSource<DataLoaders> {
  return {
    async check(args) {
      const { schemaName, documentId } = args as Wanted;
      if (typeof documentId === 'string') requireId(documentId, 'documentId');
      if (typeof schemaName !== 'string') return;
      const [schema] = await findSchemasByName(db, [schemaName]);
      if (schema === undefined) throw schemaNotFound('schemaName');
    },
    select: (events, args, context) => selectChanges(db, events, { wanted: args as Wanted, viewer: context }),
  };
}

interface Request {
  readonly wanted: Wanted;
  readonly viewer: Viewer & { readonly loaders: DataLoaders };
}

async function selectChanges(
  db: Db,
  events: readonly LogEvent[],
  { wanted, viewer }: Request,
): Promise<(DocumentChangeModel | undefined)[]> {
  const changes = events.map(readChange);
  const schemaIds = new Set(changes.flatMap((change) => (change === undefined ? [] : [change.schemaId])));
  const schemas = byId(await findSchemasById(db, [...schemaIds]));
  // What is shown of the documents will ask for their schemas.
  for (const schema of schemas.values()) viewer.loaders.schemaById.prime(schema.id, schema);
  const allowed = changes.map((change) => {
    const schema = change && schemas.get(change.schemaId);
    const isVisible = schema && isWanted(change, schema, wanted) && matches(readable(viewer, schema), change.access);
    return isVisible ? { ...change, schema } : undefined;
  });
  const documentIds = new Set(allowed.flatMap((change) => (change ? [change.documentId] : [])));
  const documents = byId(documentIds.size === 0 ? [] : await findDocuments(db, [...documentIds]));
  return allowed.map((change) => {
    if (change === undefined) return undefined;
    const { schema, kind, position, documentId } = change;
    const document = documents.get(documentId) ?? null;
    // Gone: what it was decides alone, and there is nothing more to show.
    if (document !== null && !matches(readable(viewer, schema), { ...document })) return undefined;
    return { kind, position, documentId, document };
  });
}

interface Change extends Omit<DocumentChangeModel, 'document'> {
  readonly schemaId: string;
  /** The document's links when the event was written. */
  readonly access: NonNullable<LogEvent['access']>;
}

function readChange({ type, position, content, access }: LogEvent): Change | undefined {
  const kind = Object.hasOwn(documentEventKinds, type)
    ? documentEventKinds[type as keyof typeof documentEventKinds]
    : undefined;
  const { documentId } = content;
  const schemaId = access?.schemaId;
  if (kind === undefined || access === null || typeof documentId !== 'string' || typeof schemaId !== 'string')
    return undefined;
  return { kind, position, documentId, schemaId, access };
}

function isWanted(change: Change, schema: DocumentSchemaModel, { schemaName, documentId }: Wanted): boolean {
  return (
    (schemaName ?? schema.name) === schema.name &&
    (documentId?.toLowerCase() ?? change.documentId) === change.documentId
  );
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
