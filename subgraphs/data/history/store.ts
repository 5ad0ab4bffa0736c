// The table of documents' versions: the only place that reads it. Versions are written with their documents.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { PageRequest } from '../../../platform/paging/page.ts';
import type { Db } from '../documents/store.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { DocumentVersionModel, StoredChange } from '../models.ts';

const newestFirst = Prisma.sql`v.version DESC`;
const oldestFirst = Prisma.sql`v.version`;

export type VersionRow = Omit<DocumentVersionModel, 'schemaId'>;

/** The same page of each document's versions, in one statement: one more than the page wants, in the direction of reading. */
export async function listVersionRows(
  db: Db,
  documentIds: readonly string[],
  page: PageRequest,
): Promise<ReadonlyMap<string, VersionRow[]>> {
  const { after, before, backward, limit } = page;
  // What comes after a version in the list is older.
  const bounds = Prisma.sql`
    ${after === undefined ? Prisma.empty : Prisma.sql`AND v.version < ${Number(after.key)}`}
    ${before === undefined ? Prisma.empty : Prisma.sql`AND v.version > ${Number(before.key)}`}`;
  const order = backward ? oldestFirst : newestFirst;
  const rows = await db.$queryRaw<VersionRow[]>(Prisma.sql`
    SELECT page.* FROM unnest(${documentIds}::uuid[]) AS document(id)
    CROSS JOIN LATERAL (
      SELECT v.document_id AS "documentId", v.version, v.kind, v.transitions, v.status, v.user_id AS "userId",
        v.created_at AS at, v.changes
      FROM data.document_versions v WHERE v.document_id = document.id ${bounds}
      ORDER BY ${order} LIMIT ${limit + 1}
    ) AS page
    ORDER BY page."documentId", ${backward ? Prisma.sql`page.version` : Prisma.sql`page.version DESC`}`);
  const pages = new Map<string, VersionRow[]>(documentIds.map((id) => [id, []]));
  for (const row of rows) pages.get(row.documentId)?.push(row);
  return pages;
}

/** A document's data, and what made it from an earlier version on. */
export interface DataSince {
  readonly documentId: string;
  readonly data: JsonObject;
  /** Newest first. */
  readonly later: readonly { readonly version: number; readonly changes: readonly StoredChange[] }[];
}

/** Of each document the data and the versions after this one, at one moment. */
export function findDataSince(
  db: Db,
  since: readonly { readonly documentId: string; readonly version: number }[],
): Promise<DataSince[]> {
  const ids = since.map(({ documentId }) => documentId);
  const versions = since.map(({ version }) => version);
  return db.$queryRaw<DataSince[]>(Prisma.sql`
    SELECT d.id AS "documentId", d.data, (
      SELECT coalesce(jsonb_agg(jsonb_build_object('version', v.version, 'changes', v.changes) ORDER BY v.version DESC),
        '[]')
      FROM data.document_versions v WHERE v.document_id = d.id AND v.version > since.version
    ) AS later
    FROM unnest(${ids}::uuid[], ${versions}::int[]) AS since(id, version)
    JOIN data.documents d ON d.id = since.id`);
}
