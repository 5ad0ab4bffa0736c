// Reads documents by their ids; lists of them are read by queries/list-store.ts, and write-store.ts writes.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { DocumentModel, DocumentSchemaModel } from '../models.ts';
import type { DocumentSelection } from '../queries/document-selection-sql.ts';
import { documentSelection } from '../queries/document-selection-sql.ts';

export type Db = Models<'document' | 'documentSchema' | 'documentFile'>;

const columns = documentSelection({ withData: true });

/** Whatever the viewer may see: who asks decides with the document's condition. */
export function findDocuments(
  db: Db,
  ids: readonly string[],
  selection: DocumentSelection = { withData: true },
): Promise<DocumentModel[]> {
  return db.$queryRaw<DocumentModel[]>(Prisma.sql`
    SELECT ${documentSelection(selection)} FROM data.documents d WHERE d.id = ANY(${ids}::uuid[])`);
}

/** Bytes of the documents' data as text, without reading it. */
export async function findDataSizes(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.$queryRaw<{ id: string; size: number }[]>(Prisma.sql`
    SELECT d.id, octet_length(d.data::text) AS size FROM data.documents d WHERE d.id = ANY(${ids}::uuid[])`);
  return new Map(rows.map(({ id, size }) => [id, size]));
}

export interface DocumentWithSchema {
  readonly document: DocumentModel;
  readonly schema: DocumentSchemaModel;
}

/**
 * A document with its schema, unless that is deleted. `lock`: until the transaction ends nobody else changes the
 * document, and nobody changes, closes or deletes the schema.
 */
export async function findDocumentWithSchema(
  db: Db,
  id: string,
  { lock }: { readonly lock: boolean },
): Promise<DocumentWithSchema | undefined> {
  const [row] = await db.$queryRaw<(DocumentModel & { schema: SchemaColumns })[]>(Prisma.sql`
    SELECT ${columns}, jsonb_build_object('name', s.name, 'description', s.description, 'definition', s.definition,
      'disabled', s.disabled, 'createdAt', s.created_at, 'updatedAt', s.updated_at) AS schema
    FROM data.documents d JOIN data.document_schemas s ON s.id = d.schema_id
    WHERE d.id = ${id}::uuid AND s.deleted_at IS NULL
    ${lock ? Prisma.sql`FOR UPDATE OF d FOR SHARE OF s` : Prisma.empty}`);
  if (row === undefined) return undefined;
  const { schema, ...document } = row;
  return {
    document,
    schema: {
      ...schema,
      id: document.schemaId,
      createdAt: new Date(schema.createdAt),
      updatedAt: new Date(schema.updatedAt),
    },
  };
}

type SchemaColumns = Omit<DocumentSchemaModel, 'id' | 'createdAt' | 'updatedAt'> & {
  createdAt: string;
  updatedAt: string;
};
