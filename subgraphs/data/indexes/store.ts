// The table of indexes that authors of schemas asked for: the only place that reads and writes it. PostgreSQL's own
// indexes, which it stands for, are made in index-statements.ts.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { DocumentIndexField, DocumentIndexModel } from '../models.ts';

export type IndexDb = Models<'documentIndex'>;

/** What a field is made of: when the schema declares it otherwise, the index is another one. */
export type IndexedAs = 'column' | 'string' | 'number' | 'boolean' | 'list';

export interface StoredIndexField extends DocumentIndexField {
  readonly as: IndexedAs;
}

/** What an index is, apart from its id and how far it is. */
export interface IndexContent {
  readonly fields: readonly StoredIndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
}

export interface StoredIndex extends IndexContent {
  readonly id: string;
  readonly schemaId: string;
  readonly state: DocumentIndexModel['state'] | 'DROPPING';
  readonly failure: string | null;
}

const columns = Prisma.sql`i.id, i.schema_id AS "schemaId", i.fields, i.unique, i.sparse, i.state, i.failure`;

/** Those that are to be: not those that are being dropped. In the order in which they were made. */
export function findIndexesOf(db: IndexDb, schemaIds: readonly string[]): Promise<StoredIndex[]> {
  return db.$queryRaw(Prisma.sql`
    SELECT ${columns} FROM data.document_indexes i
    WHERE i.schema_id = ANY(${schemaIds}::uuid[]) AND i.state <> 'DROPPING' ORDER BY i.id`);
}

/** Over all schemas, without those that are being dropped. */
export async function countIndexes(db: IndexDb): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>(Prisma.sql`
    SELECT count(*)::int AS count FROM data.document_indexes i WHERE i.state <> 'DROPPING'`);
  return row?.count ?? 0;
}

export async function findDroppingIndexesOf(db: IndexDb, schemaId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT i.id FROM data.document_indexes i WHERE i.schema_id = ${schemaId}::uuid AND i.state = 'DROPPING' ORDER BY i.id`);
  return rows.map(({ id }) => id);
}

/** Dropped ones, too, until they are gone. */
export async function findIndex(db: IndexDb, id: string): Promise<StoredIndex | undefined> {
  const [row] = await db.$queryRaw<StoredIndex[]>(Prisma.sql`
    SELECT ${columns} FROM data.document_indexes i WHERE i.id = ${id}::uuid`);
  return row;
}

export async function insertIndex(db: IndexDb, index: StoredIndex): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    INSERT INTO data.document_indexes (id, schema_id, fields, "unique", sparse, state, failure, updated_at)
    VALUES (${index.id}::uuid, ${index.schemaId}::uuid, ${JSON.stringify(index.fields)}::text::jsonb, ${index.unique},
      ${index.sparse}, ${index.state}, ${index.failure}, now())`);
}

/** How the building of an index ended; false for one that is to be dropped by now, which stays so. */
export async function writeIndexOutcome(
  db: IndexDb,
  id: string,
  { state, failure }: Pick<StoredIndex, 'state' | 'failure'>,
): Promise<boolean> {
  const count = await db.$executeRaw(Prisma.sql`
    UPDATE data.document_indexes i SET state = ${state}, failure = ${failure}, updated_at = now()
    WHERE i.id = ${id}::uuid AND i.state = 'BUILDING'`);
  return count > 0;
}

export async function markIndexDropping(db: IndexDb, id: string): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    UPDATE data.document_indexes i SET state = 'DROPPING', updated_at = now() WHERE i.id = ${id}::uuid`);
}

export async function removeIndex(db: IndexDb, id: string): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    DELETE FROM data.document_indexes i WHERE i.id = ${id}::uuid AND i.state = 'DROPPING'`);
}
