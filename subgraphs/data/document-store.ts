// The table of documents: the only place that reads and writes it. Lists take a condition of access and never go
// without one.
import { Prisma } from '../../generated/prisma/client.ts';
import type { Condition } from '../../platform/access/condition.ts';
import { toSql } from '../../platform/access/condition-sql.ts';
import type { Models } from '../../platform/database/database.ts';
import type { PageRequest } from '../../platform/paging/page.ts';
import { documentColumns } from './document-columns.ts';
import type { DocumentOrder } from './document-order.ts';
import type { FilterNode } from './filter-node.ts';
import { filterSql } from './filter-sql.ts';
import type { DocumentModel, DocumentSchemaModel } from './models.ts';
import { betweenCursors, readingOrder } from './order-sql.ts';

export type Db = Models<'document' | 'documentSchema' | 'documentFile'>;

/** Which documents: those that the viewer may see, and that the filter lets through. */
export interface DocumentSelection {
  readonly visible: Condition;
  readonly filter: FilterNode;
}

export interface DocumentListing extends DocumentSelection {
  readonly order: DocumentOrder;
  readonly page: PageRequest;
}

/** What documents are listed under. Of a user: created by or linked to them. Of a group: linked to it. */
export type ParentKind = 'user' | 'group';

const columns = Prisma.raw(
  Object.entries(documentColumns)
    .map(([field, column]) => `${column} AS "${field}"`)
    .join(', '),
);

/** One more than the page wants, in the direction of reading. */
export function listDocumentRows(db: Db, listing: DocumentListing): Promise<DocumentModel[]> {
  return db.$queryRaw<DocumentModel[]>(Prisma.sql`
    SELECT ${columns} FROM data.documents d
    WHERE ${selected(listing)} AND ${betweenCursors(listing.page, listing.order)}
    ORDER BY ${readingOrder(listing.page, listing.order)}
    LIMIT ${listing.page.limit + 1}`);
}

export async function countDocuments(db: Db, selection: DocumentSelection): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>(Prisma.sql`
    SELECT count(*)::int AS count FROM data.documents d WHERE ${selected(selection)}`);
  return row?.count ?? 0;
}

const belongsTo: Readonly<Record<ParentKind, Prisma.Sql>> = {
  user: Prisma.sql`(d.creator_id = parent.id OR d.user_ids @> ARRAY[parent.id])`,
  group: Prisma.sql`d.group_ids @> ARRAY[parent.id]`,
};

/** The same page under each parent, in one statement. */
export async function listDocumentRowsUnder(
  db: Db,
  parents: { readonly kind: ParentKind; readonly ids: readonly string[] },
  listing: DocumentListing,
): Promise<ReadonlyMap<string, DocumentModel[]>> {
  const order = readingOrder(listing.page, listing.order);
  const rows = await db.$queryRaw<(DocumentModel & { parentId: string })[]>(Prisma.sql`
    SELECT parent.id AS "parentId", page.* FROM unnest(${parents.ids}::uuid[]) AS parent(id)
    CROSS JOIN LATERAL (
      SELECT ${columns}, row_number() OVER (ORDER BY ${order})::int AS place FROM data.documents d
      WHERE ${belongsTo[parents.kind]} AND ${selected(listing)} AND ${betweenCursors(listing.page, listing.order)}
      ORDER BY ${order}
      LIMIT ${listing.page.limit + 1}
    ) AS page
    ORDER BY parent.id, page.place`);
  const pages = new Map<string, DocumentModel[]>(parents.ids.map((id) => [id, []]));
  for (const { parentId, ...document } of rows) pages.get(parentId)?.push(document);
  return pages;
}

export async function countDocumentsUnder(
  db: Db,
  parents: { readonly kind: ParentKind; readonly ids: readonly string[] },
  selection: DocumentSelection,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.$queryRaw<{ parentId: string; count: number }[]>(Prisma.sql`
    SELECT parent.id AS "parentId", count(*)::int AS count
    FROM unnest(${parents.ids}::uuid[]) AS parent(id)
    JOIN data.documents d ON ${belongsTo[parents.kind]} AND ${selected(selection)}
    GROUP BY parent.id`);
  return new Map(rows.map(({ parentId, count }) => [parentId, count]));
}

function selected({ visible, filter }: DocumentSelection): Prisma.Sql {
  return Prisma.sql`${toSql(visible, documentColumns)} AND ${filterSql(filter)}`;
}

/** Whatever the viewer may see: who asks decides with the document's condition. */
export function findDocuments(db: Db, ids: readonly string[]): Promise<DocumentModel[]> {
  return db.$queryRaw<DocumentModel[]>(Prisma.sql`
    SELECT ${columns} FROM data.documents d WHERE d.id = ANY(${ids}::uuid[])`);
}

export interface DocumentWithSchema {
  readonly document: DocumentModel;
  readonly schema: DocumentSchemaModel;
}

/** A document with its schema. `lock`: nobody else changes it until the transaction ends. */
export async function findDocumentWithSchema(
  db: Db,
  id: string,
  { lock }: { readonly lock: boolean },
): Promise<DocumentWithSchema | undefined> {
  const [row] = await db.$queryRaw<(DocumentModel & { schema: SchemaColumns })[]>(Prisma.sql`
    SELECT ${columns}, jsonb_build_object('name', s.name, 'description', s.description, 'definition', s.definition,
      'createdAt', s.created_at, 'updatedAt', s.updated_at) AS schema
    FROM data.documents d JOIN data.document_schemas s ON s.id = d.schema_id
    WHERE d.id = ${id}::uuid ${lock ? Prisma.sql`FOR UPDATE OF d` : Prisma.empty}`);
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

export async function insertDocument(db: Db, document: DocumentModel): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    INSERT INTO data.documents (id, schema_id, creator_id, user_ids, group_ids, status, status_changed_at, data,
      created_at, updated_at)
    VALUES (${document.id}::uuid, ${document.schemaId}::uuid, ${document.creatorId}::uuid, ${document.userIds}::uuid[],
      ${document.groupIds}::uuid[], ${document.status}, ${moment(document.statusChangedAt)},
      ${JSON.stringify(document.data)}::text::jsonb, ${moment(document.createdAt)}, ${moment(document.updatedAt)})`);
}

/** Writes what can change: data, links, status. */
export async function writeDocument(db: Db, document: DocumentModel): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    UPDATE data.documents d SET user_ids = ${document.userIds}::uuid[], group_ids = ${document.groupIds}::uuid[],
      status = ${document.status}, status_changed_at = ${moment(document.statusChangedAt)},
      data = ${JSON.stringify(document.data)}::text::jsonb, updated_at = ${moment(document.updatedAt)}
    WHERE d.id = ${document.id}::uuid`);
}

export async function removeDocument(db: Db, id: string): Promise<void> {
  await db.$executeRaw(Prisma.sql`DELETE FROM data.documents d WHERE d.id = ${id}::uuid`);
}

function moment(date: Date): Prisma.Sql {
  return Prisma.sql`${date.toISOString()}::text::timestamptz`;
}
