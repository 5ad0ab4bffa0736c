// This request's loaders: whatever a request asks of documents and schemas, it is at most one query for each kind.
import DataLoader from 'dataloader';
import { matches } from '../../platform/access/condition-matches.ts';
import type { Viewer } from './access.ts';
import { readable } from './access.ts';
import { findFilesOf } from './document-file-store.ts';
import type { Db, ParentKind } from './document-store.ts';
import { findDocuments } from './document-store.ts';
import type { DocumentListArguments } from './list-documents.ts';
import { listDocumentsUnder, readListing } from './list-documents.ts';
import type { DocumentConnectionModel, DocumentModel, DocumentSchemaModel } from './models.ts';
import { schemaNotFound } from './schema-not-found.ts';
import { findSchemasById, findSchemasByName } from './schema-store.ts';

/** A list of documents under a user or a group. */
export interface DocumentsUnder {
  readonly kind: ParentKind;
  readonly id: string;
  readonly args: DocumentListArguments;
}

export interface DataLoaders {
  readonly schemaById: DataLoader<string, DocumentSchemaModel | null>;
  readonly schemaByName: DataLoader<string, DocumentSchemaModel | null>;
  /** The document, if the viewer may see it. */
  readonly document: DataLoader<string, DocumentModel | null>;
  /** The ids of a document's files. */
  readonly filesOf: DataLoader<string, readonly string[]>;
  readonly documentsUnder: DataLoader<DocumentsUnder, DocumentConnectionModel, string>;
}

export function createLoaders(db: Db, viewer: Viewer): DataLoaders {
  const schemaById = new DataLoader<string, DocumentSchemaModel | null>(async (ids) => {
    const found = await findSchemasById(db, ids);
    for (const schema of found) schemaByName.prime(schema.name, schema);
    return inOrder(ids, found, ({ id }) => id);
  });
  const schemaByName = new DataLoader<string, DocumentSchemaModel | null>(async (names) => {
    const found = await findSchemasByName(db, names);
    for (const schema of found) schemaById.prime(schema.id, schema);
    return inOrder(names, found, ({ name }) => name);
  });
  return {
    schemaById,
    schemaByName,
    document: new DataLoader(async (ids) => {
      const found = await findDocuments(db, ids);
      const visible = await Promise.all(
        found.map(async (document) => {
          const schema = await schemaById.load(document.schemaId);
          return schema !== null && matches(readable(viewer, schema), { ...document });
        }),
      );
      return inOrder(
        ids,
        found.filter((_, index) => visible[index]),
        ({ id }) => id,
      );
    }),
    filesOf: new DataLoader(async (ids) => {
      const files = await findFilesOf(db, ids);
      return ids.map((id) => files.get(id) ?? []);
    }),
    documentsUnder: new DataLoader((keys) => loadListsUnder(db, viewer, { keys, schemaByName }), {
      cacheKeyFn: ({ kind, id, args }) => JSON.stringify([kind, id, args]),
    }),
  };
}

interface ListsUnder {
  readonly keys: readonly DocumentsUnder[];
  readonly schemaByName: DataLoaders['schemaByName'];
}

/** Lists that differ in their parents only are read together. */
async function loadListsUnder(
  db: Db,
  viewer: Viewer,
  { keys, schemaByName }: ListsUnder,
): Promise<(DocumentConnectionModel | Error)[]> {
  const groups = new Map<string, { kind: ParentKind; args: DocumentListArguments; ids: string[]; places: number[] }>();
  for (const [place, { kind, id, args }] of keys.entries()) {
    const name = JSON.stringify([kind, args]);
    const group = groups.get(name) ?? { kind, args, ids: [], places: [] };
    group.ids.push(id);
    group.places.push(place);
    groups.set(name, group);
  }
  const results: (DocumentConnectionModel | Error)[] = [];
  await Promise.all(
    [...groups.values()].map(async ({ kind, args, ids, places }) => {
      const lists = await loadGroup().catch((error: Error) => places.map(() => error));
      for (const [index, place] of places.entries()) results[place] = lists[index] as DocumentConnectionModel | Error;

      async function loadGroup(): Promise<DocumentConnectionModel[]> {
        const schema = await schemaByName.load(args.schemaName);
        if (schema === null) throw schemaNotFound('schemaName');
        return listDocumentsUnder(db, { kind, ids }, readListing(args, schema, viewer));
      }
    }),
  );
  return results;
}

function inOrder<T>(keys: readonly string[], found: readonly T[], keyOf: (item: T) => string): (T | null)[] {
  const byKey = new Map(found.map((item) => [keyOf(item), item]));
  return keys.map((key) => byKey.get(key) ?? null);
}
