// The table of document schemas: the only place that reads and writes it.
import { Prisma } from '../../generated/prisma/client.ts';
import type { Where } from '../../platform/access/condition-where.ts';
import type { PrismaPage } from '../../platform/paging/prisma-page.ts';
import { isStorable } from '../../platform/text.ts';
import type { Db } from './document-store.ts';
import type { DocumentSchemaModel } from './models.ts';

const columns = Prisma.sql`id, name, description, definition, created_at AS "createdAt", updated_at AS "updatedAt"`;

export function findSchemasById(db: Db, ids: readonly string[]): Promise<DocumentSchemaModel[]> {
  return db.$queryRaw(Prisma.sql`SELECT ${columns} FROM data.document_schemas WHERE id = ANY(${ids}::uuid[])`);
}

/** No schema has a name that the database could not hold. */
export function findSchemasByName(db: Db, names: readonly string[]): Promise<DocumentSchemaModel[]> {
  const storable = names.filter(isStorable);
  return db.$queryRaw(Prisma.sql`SELECT ${columns} FROM data.document_schemas WHERE name = ANY(${storable}::text[])`);
}

export function findAllSchemas(db: Db): Promise<DocumentSchemaModel[]> {
  return db.$queryRaw(Prisma.sql`SELECT ${columns} FROM data.document_schemas`);
}

export async function listSchemaRows(db: Db, page: PrismaPage): Promise<DocumentSchemaModel[]> {
  // The column was written from a SchemaDefinition.
  return (await db.documentSchema.findMany(page)) as unknown as DocumentSchemaModel[];
}

export function countSchemas(db: Db, where: Where): Promise<number> {
  return db.documentSchema.count({ where });
}

/** False when another schema has the name. */
export async function insertSchema(db: Db, schema: DocumentSchemaModel): Promise<boolean> {
  const inserted = await db.$executeRaw(Prisma.sql`
    INSERT INTO data.document_schemas (id, name, description, definition, created_at, updated_at)
    VALUES (${schema.id}::uuid, ${schema.name}, ${schema.description},
      ${JSON.stringify(schema.definition)}::text::jsonb,
      ${schema.createdAt.toISOString()}::text::timestamptz, ${schema.updatedAt.toISOString()}::text::timestamptz)
    ON CONFLICT (name) DO NOTHING`);
  return inserted === 1;
}
