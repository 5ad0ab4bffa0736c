// The table of document schemas: the only place that reads and writes it. Deleted schemas are not found.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import { momentSql } from '../../../platform/database/moment-sql.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import { isStorable } from '../../../platform/text.ts';
import type { DocumentSchemaModel } from '../models.ts';

type Db = Models<'documentSchema'>;

const columns = Prisma.sql`s.id, s.name, s.description, s.definition, s.disabled,
  many.schema_id IS NOT NULL AS "manyGroups",
  s.created_at AS "createdAt", s.updated_at AS "updatedAt"`;

const schemas = Prisma.sql`data.document_schemas s LEFT JOIN data.schemas_with_many_groups many ON many.schema_id = s.id`;

/** For every statement on `data.document_schemas s`. */
const live = Prisma.sql`s.deleted_at IS NULL`;

export function findSchemasById(db: Db, ids: readonly string[]): Promise<DocumentSchemaModel[]> {
  return db.$queryRaw(Prisma.sql`
    SELECT ${columns} FROM ${schemas} WHERE s.id = ANY(${ids}::uuid[]) AND ${live}`);
}

/** No schema has a name that the database could not hold. */
export function findSchemasByName(db: Db, names: readonly string[]): Promise<DocumentSchemaModel[]> {
  const storable = names.filter(isStorable);
  return db.$queryRaw(Prisma.sql`
    SELECT ${columns} FROM ${schemas} WHERE s.name = ANY(${storable}::text[]) AND ${live}`);
}

export function findAllSchemas(db: Db): Promise<DocumentSchemaModel[]> {
  return db.$queryRaw(Prisma.sql`SELECT ${columns} FROM ${schemas} WHERE ${live}`);
}

/** Nobody else changes it until the transaction ends; its documents can be written meanwhile. */
export async function lockSchema(db: Db, name: string): Promise<DocumentSchemaModel | undefined> {
  if (!isStorable(name)) return undefined;
  const [row] = await db.$queryRaw<DocumentSchemaModel[]>(Prisma.sql`
    SELECT ${columns} FROM ${schemas} WHERE s.name = ${name} AND ${live} FOR NO KEY UPDATE OF s`);
  return row;
}

export const schemaRows: RowReader<Db, DocumentSchemaModel> = {
  // The column was written from a SchemaDefinition.
  find: async (db, selection) => (await db.documentSchema.findMany(selection)) as unknown as DocumentSchemaModel[],
  count: (db, where) => db.documentSchema.count({ where }),
};

/** False when another schema has the name. */
export async function insertSchema(db: Db, schema: DocumentSchemaModel): Promise<boolean> {
  const inserted = await db.$executeRaw(Prisma.sql`
    INSERT INTO data.document_schemas (id, name, description, definition, disabled, created_at, updated_at)
    VALUES (${schema.id}::uuid, ${schema.name}, ${schema.description},
      ${JSON.stringify(schema.definition)}::text::jsonb, ${schema.disabled},
      ${momentSql(schema.createdAt)}, ${momentSql(schema.updatedAt)})
    ON CONFLICT (name) DO NOTHING`);
  return inserted === 1;
}

/** Rejects with what findIndexViolation tells when another schema has the name. */
export async function writeSchema(db: Db, schema: DocumentSchemaModel): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    UPDATE data.document_schemas s SET name = ${schema.name}, description = ${schema.description},
      definition = ${JSON.stringify(schema.definition)}::text::jsonb, disabled = ${schema.disabled},
      updated_at = ${momentSql(schema.updatedAt)}
    WHERE s.id = ${schema.id}::uuid`);
}

/** From now on nobody finds it, and its name is free: no name has a colon. */
export async function markSchemaDeleted(db: Db, { id }: DocumentSchemaModel, at: Date): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    UPDATE data.document_schemas s SET name = 'deleted:' || s.id, deleted_at = ${momentSql(at)}
    WHERE s.id = ${id}::uuid`);
}

/** Removes a schema that was marked as deleted and has neither documents nor indexes; false when it has. */
export async function removeDeletedSchema(db: Db, id: string): Promise<boolean> {
  const removed = await db.$executeRaw(Prisma.sql`
    DELETE FROM data.document_schemas s WHERE s.id = ${id}::uuid AND s.deleted_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM data.documents d WHERE d.schema_id = s.id)
      AND NOT EXISTS (SELECT FROM data.document_indexes i WHERE i.schema_id = s.id)`);
  return removed === 1;
}

/** Whether something of a deleted schema is still there. */
export async function isDeletedSchema(db: Db, id: string): Promise<boolean> {
  return (await db.documentSchema.count({ where: { id, deletedAt: { not: null } } })) === 1;
}
