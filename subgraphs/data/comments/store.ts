// The table of comments: the only place that reads and writes it.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import { momentSql } from '../../../platform/database/moment-sql.ts';
import type { PageRequest } from '../../../platform/paging/page.ts';
import type { DocumentCommentModel } from '../models.ts';

export type CommentDb = Pick<Models<never>, '$queryRaw' | '$executeRaw'>;

const columns = Prisma.sql`c.id, c.document_id AS "documentId", c.creator_id AS "creatorId", c.text,
  c.created_at AS "createdAt", c.updated_at AS "updatedAt"`;

export async function insertComment(db: CommentDb, comment: DocumentCommentModel): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    INSERT INTO data.document_comments (id, document_id, creator_id, text, created_at, updated_at)
    VALUES (${comment.id}::uuid, ${comment.documentId}::uuid, ${comment.creatorId}::uuid, ${comment.text},
      ${momentSql(comment.createdAt)}, ${momentSql(comment.updatedAt)})`);
}

export async function writeCommentText(db: CommentDb, { id, text, updatedAt }: DocumentCommentModel): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    UPDATE data.document_comments SET text = ${text}, updated_at = ${momentSql(updatedAt)} WHERE id = ${id}::uuid`);
}

export async function removeComment(db: CommentDb, id: string): Promise<void> {
  await db.$executeRaw(Prisma.sql`DELETE FROM data.document_comments WHERE id = ${id}::uuid`);
}

/** Nobody else changes it until the transaction ends. */
export async function findCommentToChange(db: CommentDb, id: string): Promise<DocumentCommentModel | undefined> {
  const [comment] = await db.$queryRaw<DocumentCommentModel[]>(Prisma.sql`
    SELECT ${columns} FROM data.document_comments c WHERE c.id = ${id}::uuid FOR UPDATE`);
  return comment;
}

export interface CommentListing {
  readonly page: PageRequest;
  /** Oldest first. */
  readonly ascending: boolean;
}

/** The same page of each document's comments, one more than it wants, in the direction of reading; one statement. */
export async function listCommentRows(
  db: CommentDb,
  documentIds: readonly string[],
  { page, ascending }: CommentListing,
): Promise<ReadonlyMap<string, DocumentCommentModel[]>> {
  const [later, earlier] = ascending ? [Prisma.sql`>`, Prisma.sql`<`] : [Prisma.sql`<`, Prisma.sql`>`];
  const between = [
    Prisma.sql`TRUE`,
    ...(page.after === undefined ? [] : [Prisma.sql`c.id ${later} ${page.after.id}::uuid`]),
    ...(page.before === undefined ? [] : [Prisma.sql`c.id ${earlier} ${page.before.id}::uuid`]),
  ];
  const direction = ascending === page.backward ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const rows = await db.$queryRaw<DocumentCommentModel[]>(Prisma.sql`
    SELECT page.* FROM unnest(${documentIds}::uuid[]) AS parent(id)
    CROSS JOIN LATERAL (
      SELECT ${columns} FROM data.document_comments c
      WHERE c.document_id = parent.id AND ${Prisma.join(between, ' AND ')}
      ORDER BY c.id ${direction}
      LIMIT ${page.limit + 1}
    ) AS page
    ORDER BY page.id ${direction}`);
  const pages = new Map<string, DocumentCommentModel[]>(documentIds.map((id) => [id, []]));
  for (const comment of rows) pages.get(comment.documentId)?.push(comment);
  return pages;
}

export async function countComments(
  db: CommentDb,
  documentIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.$queryRaw<{ documentId: string; count: number }[]>(Prisma.sql`
    SELECT c.document_id AS "documentId", count(*)::int AS count FROM data.document_comments c
    WHERE c.document_id = ANY(${documentIds}::uuid[]) GROUP BY c.document_id`);
  return new Map(rows.map(({ documentId, count }) => [documentId, count]));
}
