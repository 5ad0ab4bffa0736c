// The table of documents as schemas look at it: whether there is something in a schema for a viewer, and the end of a
// deleted schema's documents.
import { Prisma } from '../../../generated/prisma/client.ts';
import { toSql } from '../../../platform/access/condition-sql.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { Viewer } from '../access.ts';
import { readable } from '../access.ts';
import type { DocumentSchemaModel } from '../models.ts';
import { documentColumns } from '../queries/document-columns.ts';

type Db = Models<'document'>;

/** Those of the schemas in which the viewer sees a document. */
export async function findSchemasWithVisibleDocuments(
  reads: SlowReads,
  viewer: Viewer,
  schemas: readonly DocumentSchemaModel[],
): Promise<ReadonlySet<string>> {
  if (schemas.length === 0) return new Set();
  const questions = schemas.map(
    (schema) => Prisma.sql`(SELECT ${schema.id}::text AS id WHERE EXISTS (
      SELECT FROM data.documents d WHERE ${toSql(readable(viewer, schema), documentColumns)}))`,
  );
  const rows = await reads.$queryRaw<{ id: string }[]>(Prisma.join(questions, ' UNION ALL '));
  return new Set(rows.map(({ id }) => id));
}

/** How many it removed: with their links to files, versions, comments and runs, which go with them. */
export async function removeSomeDocumentsOf(db: Db, schemaId: string, most: number): Promise<number> {
  return db.$executeRaw(Prisma.sql`
    DELETE FROM data.documents d WHERE d.id IN (
      SELECT inner_d.id FROM data.documents inner_d WHERE inner_d.schema_id = ${schemaId}::uuid
      ORDER BY inner_d.id LIMIT ${most})`);
}
