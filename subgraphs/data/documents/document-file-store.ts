// The table of the files that belong to documents.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Condition } from '../../../platform/access/condition.ts';
import { toSql } from '../../../platform/access/condition-sql.ts';
import { momentSql } from '../../../platform/database/moment-sql.ts';
import type { DocumentModel } from '../models.ts';
import { documentColumns } from '../queries/document-columns.ts';
import type { Db } from './store.ts';

/** Those of the files that were not linked to the document before. */
export function linkFiles(db: Db, documentId: string, fileIds: readonly string[], now: Date): Promise<string[]> {
  const at = momentSql(now);
  return fileIdsOf(
    db.$queryRaw(Prisma.sql`
      INSERT INTO data.document_files (document_id, file_id, created_at, updated_at)
      SELECT ${documentId}::uuid, file.id, ${at}, ${at}
      FROM unnest(${fileIds}::uuid[]) AS file(id)
      ON CONFLICT DO NOTHING RETURNING file_id AS id`),
  );
}

/** Those of the files that were linked to the document before. */
export function unlinkFiles(db: Db, documentId: string, fileIds: readonly string[]): Promise<string[]> {
  return fileIdsOf(
    db.$queryRaw(Prisma.sql`
      DELETE FROM data.document_files WHERE document_id = ${documentId}::uuid AND file_id = ANY(${fileIds}::uuid[])
      RETURNING file_id AS id`),
  );
}

/** The files of each of these documents, in the order of the files' creation. */
export async function findFilesOf(db: Db, documentIds: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const rows = await db.$queryRaw<{ documentId: string; fileId: string }[]>(Prisma.sql`
    SELECT document_id AS "documentId", file_id AS "fileId" FROM data.document_files
    WHERE document_id = ANY(${documentIds}::uuid[]) ORDER BY file_id`);
  const files = new Map<string, string[]>(documentIds.map((id) => [id, []]));
  for (const { documentId, fileId } of rows) files.get(documentId)?.push(fileId);
  return files;
}

/** Those of the files that belong to a document which meets the condition. */
export function findLinkedFiles(db: Db, visible: Condition, fileIds: readonly string[]): Promise<string[]> {
  return fileIdsOf(
    db.$queryRaw(Prisma.sql`
      SELECT DISTINCT f.file_id AS id FROM data.document_files f JOIN data.documents d ON d.id = f.document_id
      WHERE f.file_id = ANY(${fileIds}::uuid[]) AND ${toSql(visible, documentColumns)}`),
  );
}

/** A file of a document, with what access to the document is decided on. */
export type LinkedDocument = Pick<DocumentModel, 'schemaId' | 'creatorId' | 'userIds' | 'groupIds'> & {
  readonly fileId: string;
};

/** Of each document that has one of these files. */
export function findDocumentsOfFiles(db: Db, fileIds: readonly string[]): Promise<LinkedDocument[]> {
  return db.$queryRaw(Prisma.sql`
    SELECT f.file_id AS "fileId", d.schema_id AS "schemaId", d.creator_id AS "creatorId", d.user_ids AS "userIds",
      d.group_ids AS "groupIds"
    FROM data.document_files f JOIN data.documents d ON d.id = f.document_id
    WHERE f.file_id = ANY(${fileIds}::uuid[])`);
}

export interface FilePage {
  /** Only files with a smaller id. */
  readonly before: string | undefined;
  readonly first: number;
}

/** The files of all documents that meet the condition, newest first. */
export function listLinkedFiles(db: Db, visible: Condition, { before, first }: FilePage): Promise<string[]> {
  return fileIdsOf(
    db.$queryRaw(Prisma.sql`
      SELECT f.file_id AS id FROM data.document_files f JOIN data.documents d ON d.id = f.document_id
      WHERE ${before === undefined ? Prisma.sql`TRUE` : Prisma.sql`f.file_id < ${before}::uuid`}
        AND ${toSql(visible, documentColumns)}
      GROUP BY f.file_id ORDER BY f.file_id DESC LIMIT ${first}`),
  );
}

async function fileIdsOf(rows: Promise<unknown>): Promise<string[]> {
  return ((await rows) as { id: string }[]).map(({ id }) => id);
}
