// The table of documents' versions, as history reads it. Versions are written with their documents.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { PageRequest } from '../../../platform/paging/page.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { DocumentVersionModel, StoredChange } from '../models.ts';

const newestFirst = Prisma.sql`v.version DESC`;
const oldestFirst = Prisma.sql`v.version`;

/** Besides what a version holds, its row counts as much towards the size of a batch. */
const bytesPerVersion = 100;

export type VersionRow = Omit<DocumentVersionModel, 'schemaId'>;

export interface VersionSelection {
  /** False: `changes` is `[]` and is not read, for those who do not look at it. */
  readonly withChanges: boolean;
}

/** The same page of each document's versions, in one statement: one more than the page wants, in the direction of reading. */
export async function listVersionRows(
  db: SlowReads,
  documentIds: readonly string[],
  { after, before, backward, limit, withChanges }: PageRequest & VersionSelection,
): Promise<ReadonlyMap<string, VersionRow[]>> {
  // What comes after a version in the list is older.
  const bounds = Prisma.sql`
    ${after === undefined ? Prisma.empty : Prisma.sql`AND v.version < ${Number(after.key)}`}
    ${before === undefined ? Prisma.empty : Prisma.sql`AND v.version > ${Number(before.key)}`}`;
  const order = backward ? oldestFirst : newestFirst;
  const rows = await db.$queryRaw<VersionRow[]>(Prisma.sql`
    SELECT page.* FROM unnest(${documentIds}::uuid[]) AS document(id)
    CROSS JOIN LATERAL (
      SELECT v.document_id AS "documentId", v.version, v.kind, v.transitions, v.status, v.user_id AS "userId",
        v.created_at AS at,
        ${withChanges ? Prisma.sql`v.changes` : Prisma.sql`'[]'::jsonb AS changes`}
      FROM data.document_versions v WHERE v.document_id = document.id ${bounds}
      ORDER BY ${order} LIMIT ${limit + 1}
    ) AS page
    ORDER BY page."documentId", ${backward ? Prisma.sql`page.version` : Prisma.sql`page.version DESC`}`);
  const pages = new Map<string, VersionRow[]>(documentIds.map((id) => [id, []]));
  for (const row of rows) pages.get(row.documentId)?.push(row);
  return pages;
}

/** The content of a document in a version: as it is stored, or what leads there from the version after it. */
export type ContentRow = { readonly documentId: string; readonly version: number } & (
  | { readonly data: JsonObject; readonly changes: null }
  /** Of the data only, without what they led to. */
  | { readonly data: null; readonly changes: readonly StoredChange[] }
);

/** How far back a document is read. */
export interface Reach {
  readonly documentId: string;
  readonly oldest: number;
  /** What was read last; undefined: nothing yet. */
  readonly version: number | undefined;
}

/**
 * The next batch of each document's contents, newest first, in one statement: from the one that is stored now, or else
 * what comes before `version`. Each goes on by a version at least while there are older ones; all of them together are
 * not much more than `bytes` of changes, or one version each.
 */
export async function findContents(db: SlowReads, reaches: readonly Reach[], bytes: number): Promise<ContentRow[]> {
  const ids = reaches.map(({ documentId }) => documentId);
  const oldest = reaches.map((reach) => reach.oldest);
  const versions = reaches.map(({ version = null }) => version);
  const share = Math.ceil(bytes / Math.max(1, reaches.length));
  // Step by step, so that nothing is unpacked to be measured only. What a version changed is there until the document
  // is deleted, and versions have no gaps.
  return db.$queryRaw<ContentRow[]>(Prisma.sql`
    WITH RECURSIVE step AS (
      SELECT d.id, coalesce(reach.version, d.version) AS version, reach.oldest,
        CASE WHEN reach.version IS NULL THEN d.data END AS data, NULL::jsonb AS changes, 0::bigint AS size
      FROM unnest(${ids}::uuid[], ${versions}::int[], ${oldest}::int[]) AS reach(id, version, oldest)
      JOIN data.documents d ON d.id = reach.id
      UNION ALL
      SELECT step.id, step.version - 1, step.oldest, NULL, undoing.changes,
        step.size + octet_length(undoing.changes::text) + ${bytesPerVersion}
      FROM step
      JOIN data.document_versions v ON v.document_id = step.id AND v.version = step.version
      CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(c.change - 'after' ORDER BY c.place), '[]') AS changes
        FROM jsonb_array_elements(v.changes) WITH ORDINALITY AS c(change, place)
        WHERE c.change -> 'path' ->> 0 = 'data'
      ) AS undoing
      WHERE step.version > step.oldest AND step.size < ${share}
    )
    SELECT id AS "documentId", version, data, changes FROM step WHERE data IS NOT NULL OR changes IS NOT NULL
    ORDER BY version DESC`);
}
