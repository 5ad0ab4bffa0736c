// All documents of a schema that a viewer sees, oldest first, as NDJSON: one line for each. It reads a batch when the one
// before was taken, and of it only as much data as fits, so that memory grows neither with their number nor their size;
// and with each batch it decides anew what the viewer sees, because an export can take long.
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { CursorKey } from '../../../platform/paging/page.ts';
import type { Viewer } from '../access.ts';
import { readable } from '../access.ts';
import { declaredData } from '../documents/declared-data.ts';
import { findFilesOf } from '../documents/document-file-store.ts';
import type { Db } from '../documents/store.ts';
import { findDataSizes } from '../documents/store.ts';
import type { DocumentModel, DocumentSchemaModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import type { DocumentOrder } from '../queries/document-order.ts';
import { listDocumentRows } from '../queries/list-store.ts';
import { schemaNotFound } from '../schemas/schema-not-found.ts';
import { findSchemasByName } from '../schemas/store.ts';
import type { ExportParameters } from './export-query.ts';
import { readExportFilter } from './export-query.ts';

export interface ExportRequest {
  readonly schemaName: string;
  readonly parameters: ExportParameters;
  /** What the batches are read from. */
  readonly reads: SlowReads;
  /** Who asks, as they are now. */
  viewer(): Promise<Viewer>;
}

export interface ExportLimits {
  /** Documents in the first batch at most; how large they are decides on the next ones. */
  readonly first: number;
  /** Documents in one batch. */
  readonly most: number;
  /** Characters of a batch, more or less; a document with more is a batch of its own. */
  readonly characters: number;
}

const oldestFirst: DocumentOrder = { name: 'id ASC', keys: [], descending: false };

const standard: ExportLimits = { first: 50, most: 1_000, characters: 1_000_000 };

/** Throws NOT_FOUND for an unknown schema, BAD_USER_INPUT for a filter that is not valid, both before anything is sent. */
export async function* exportDocuments(
  { schemaName, parameters, reads, viewer }: ExportRequest,
  { database: { db } }: Pick<DataParts, 'database'>,
  limits: ExportLimits = standard,
): AsyncGenerator<string, void, undefined> {
  let first = limits.first;
  for (let after: CursorKey | undefined; ; ) {
    const [[schema], who] = await Promise.all([findSchemasByName(db, [schemaName]), viewer()]);
    if (schema === undefined) throw schemaNotFound('schemaName');
    const selection = {
      visible: readable(who, schema),
      filter: readExportFilter(parameters, schema.definition.properties),
      manyGroups: schema.manyGroups ?? true,
    };
    const read = async (most: number, withData: boolean): Promise<DocumentModel[]> => {
      // A page reads one more than it holds.
      const page = { limit: most - 1, backward: false, after, before: undefined, order: oldestFirst.name };
      const rows = await listDocumentRows(reads, { ...selection, order: oldestFirst, page, offset: 0, withData });
      return rows.map(({ document }) => document);
    };
    const next = await read(first, false);
    const fitting = await countFitting(db, next, limits.characters);
    const documents = fitting === 0 ? [] : await read(fitting, true);
    const lines = await linesOf(db, documents, schema);
    // Nothing to send is something to wait for, too: it says that the request was in order.
    yield lines;
    const last = documents.at(-1);
    // Fewer than there were a moment ago: behind them is nothing.
    if (last === undefined || documents.length < fitting || (fitting === next.length && next.length < first)) return;
    after = { key: null, id: last.id };
    const asMany = Math.floor((limits.characters * documents.length) / lines.length);
    first = Math.max(1, Math.min(asMany, limits.most));
  }
}

/** How many of the documents to read at once: as many as fit, and at least one. */
async function countFitting(db: Db, documents: readonly DocumentModel[], most: number): Promise<number> {
  const ids = documents.map(({ id }) => id);
  const sizes = await findDataSizes(db, ids);
  let sum = 0;
  const tooMany = ids.findIndex((id) => {
    sum += sizes.get(id) ?? 0;
    return sum > most;
  });
  return tooMany < 0 ? ids.length : Math.max(1, tooMany);
}

async function linesOf(db: Db, documents: readonly DocumentModel[], schema: DocumentSchemaModel): Promise<string> {
  if (documents.length === 0) return '';
  const files = await findFilesOf(
    db,
    documents.map(({ id }) => id),
  );
  return documents.map((document) => exportLine(document, schema, files.get(document.id) ?? [])).join('');
}

function exportLine(document: DocumentModel, schema: DocumentSchemaModel, fileIds: readonly string[]): string {
  const { id, status, statusChangedAt, version, data, creatorId, userIds, groupIds, createdAt, updatedAt } = document;
  const shown = declaredData(data, schema.definition.properties);
  const line = { id, status, statusChangedAt, version, data: shown, creatorId, userIds, groupIds, fileIds };
  return `${JSON.stringify({ ...line, createdAt, updatedAt })}\n`;
}
