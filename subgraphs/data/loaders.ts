// This request's loaders: whatever a request asks of documents and schemas, it is at most one query for each kind.
import DataLoader from 'dataloader';
import { matches } from '../../platform/access/condition-matches.ts';
import type { SlowReads } from '../../platform/database/query-gate.ts';
import type { Viewer } from './access.ts';
import { readable } from './access.ts';
import type { CommentsLoader } from './comments/list-comments.ts';
import { createCommentsLoader } from './comments/list-comments.ts';
import { findFilesOf } from './documents/document-file-store.ts';
import { findDocuments } from './documents/store.ts';
import { loadListsTogether } from './lists-together.ts';
import type { LoaderTables } from './loader-tables.ts';
import type { DocumentConnectionModel, DocumentModel, DocumentSchemaModel } from './models.ts';
import type { DocumentSelection } from './queries/document-selection-sql.ts';
import type { DocumentListArguments } from './queries/list-documents.ts';
import { listDocumentsUnder, readListing } from './queries/list-documents.ts';
import type { ParentKind } from './queries/list-store.ts';
import { schemaNotFound } from './schemas/schema-not-found.ts';
import { findSchemasById, findSchemasByName } from './schemas/store.ts';

/** A list of documents under a user or a group. */
export interface DocumentsUnder {
  readonly kind: ParentKind;
  readonly id: string;
  readonly args: DocumentListArguments & DocumentSelection;
}

type DocumentLoader = DataLoader<string, DocumentModel | null>;

export interface DataLoaders {
  /** For lists, counts and figures: each in its turn among other viewers' and within the time of this request. */
  readonly reads: SlowReads;
  readonly schemaById: DataLoader<string, DocumentSchemaModel | null>;
  readonly schemaByName: DataLoader<string, DocumentSchemaModel | null>;
  /** The document, if the viewer may see it. */
  readonly document: DocumentLoader;
  /** The same, with or without its data. */
  readonly documentFor: (selection: DocumentSelection) => DocumentLoader;
  /** The ids of a document's files. */
  readonly filesOf: DataLoader<string, readonly string[]>;
  readonly documentsUnder: DataLoader<DocumentsUnder, DocumentConnectionModel, string>;
  /** Whoever asks decides first whether the viewer may see them. */
  readonly commentsOf: CommentsLoader;
}

export function createLoaders({ db, reads }: LoaderTables, viewer: Viewer): DataLoaders {
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
  const whole = documentLoader({ withData: true });
  const withoutData = documentLoader({ withData: false });
  return {
    reads,
    schemaById,
    schemaByName,
    document: whole,
    documentFor: ({ withData }) => (withData ? whole : withoutData),
    filesOf: new DataLoader(async (ids) => {
      const files = await findFilesOf(db, ids);
      return ids.map((id) => files.get(id) ?? []);
    }),
    documentsUnder: new DataLoader(
      (keys) => loadListsTogether(keys, { alike: ({ kind, args }) => [kind, args], load: loadListsUnder }),
      { cacheKeyFn: ({ kind, id, args }) => JSON.stringify([kind, id, args]) },
    ),
    commentsOf: createCommentsLoader(db),
  };

  function documentLoader(selection: DocumentSelection): DocumentLoader {
    return new DataLoader(async (ids) => {
      const found = await findDocuments(db, ids, selection);
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
    });
  }

  /** The keys differ in their ids only. */
  async function loadListsUnder(keys: readonly DocumentsUnder[]): Promise<DocumentConnectionModel[]> {
    const [first] = keys;
    if (first === undefined) return [];
    const schema = await schemaByName.load(first.args.schemaName);
    if (schema === null) throw schemaNotFound('schemaName');
    const parents = { kind: first.kind, ids: keys.map(({ id }) => id) };
    return listDocumentsUnder(reads, parents, readListing(first.args, schema, viewer));
  }
}

function inOrder<T>(keys: readonly string[], found: readonly T[], keyOf: (item: T) => string): (T | null)[] {
  const byKey = new Map(found.map((item) => [keyOf(item), item]));
  return keys.map((key) => byKey.get(key) ?? null);
}
