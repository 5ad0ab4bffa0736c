// The table of documents as group synchronisation looks at it: who follows whose enlistments, and the links themselves.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import { momentSql } from '../../../platform/database/moment-sql.ts';
import type { DocumentModel, StoredChange } from '../models.ts';

export type LinksDb = Pick<Models<never>, '$queryRaw' | '$executeRaw'>;

/** A document without its data, which synchronisation has no use for. */
export type LinkedDocument = Pick<
  DocumentModel,
  | 'id'
  | 'schemaId'
  | 'creatorId'
  | 'userIds'
  | 'groupIds'
  | 'syncedGroupIds'
  | 'status'
  | 'statusChangedAt'
  | 'version'
  | 'updatedAt'
>;

export interface IdPage {
  /** Only documents with a greater id. */
  readonly after: string | undefined;
  readonly first: number;
}

/** Schemas by whose enlistments their documents follow. */
export interface FollowingSchemas {
  readonly creator: readonly string[];
  readonly linkedUsers: readonly string[];
}

/** The documents whose groups follow this user's enlistments, by id. */
export function listFollowers(
  db: LinksDb,
  userId: string,
  { schemas, after, first }: IdPage & { readonly schemas: FollowingSchemas },
): Promise<string[]> {
  const ofPage = Prisma.sql`${beyond(after)} ORDER BY d.id LIMIT ${first}`;
  return idsOf(
    db.$queryRaw(Prisma.sql`
      (SELECT d.id FROM data.documents d
        WHERE d.creator_id = ${userId}::uuid AND d.schema_id = ANY(${schemas.creator}::uuid[]) AND ${ofPage})
      UNION
      (SELECT d.id FROM data.documents d
        WHERE d.user_ids @> ARRAY[${userId}::uuid] AND d.schema_id = ANY(${schemas.linkedUsers}::uuid[]) AND ${ofPage})
      ORDER BY id LIMIT ${first}`),
  );
}

/** All documents of a schema, by id. */
export function listDocumentIds(db: LinksDb, schemaId: string, { after, first }: IdPage): Promise<string[]> {
  return idsOf(
    db.$queryRaw(Prisma.sql`
      SELECT d.id FROM data.documents d WHERE d.schema_id = ${schemaId}::uuid AND ${beyond(after)}
      ORDER BY d.id LIMIT ${first}`),
  );
}

/** Those that are there. `lock`: in the order of their ids, so that two that lock many never wait for each other. */
export function findLinks(
  db: LinksDb,
  ids: readonly string[],
  { lock }: { readonly lock: boolean },
): Promise<LinkedDocument[]> {
  return db.$queryRaw(Prisma.sql`
    SELECT d.id, d.schema_id AS "schemaId", d.creator_id AS "creatorId", d.user_ids AS "userIds",
      d.group_ids AS "groupIds", d.synced_group_ids AS "syncedGroupIds", d.status, d.version,
      d.status_changed_at AS "statusChangedAt", d.updated_at AS "updatedAt"
    FROM data.documents d WHERE d.id = ANY(${ids}::uuid[]) ORDER BY d.id ${lock ? Prisma.sql`FOR UPDATE` : Prisma.empty}`);
}

/** By the ids of documents. */
export type GroupsTaken = ReadonlyMap<string, readonly string[]>;

/**
 * The groups that people, not the platform, took away from documents from a moment on. A version has the moment at which
 * its request came in, before anything was asked about enlistments: what goes because nobody brings it is not taken for
 * what somebody wanted gone after a newer enlistment.
 */
export async function findGroupsTaken(
  db: LinksDb,
  documentIds: readonly string[],
  since: Date | undefined,
): Promise<GroupsTaken> {
  if (since === undefined) return new Map();
  const rows = await db.$queryRaw<{ id: string; groupIds: string[] }[]>(Prisma.sql`
    SELECT v.document_id AS id, array_agg(DISTINCT earlier.id) AS "groupIds"
    FROM data.document_versions v
    CROSS JOIN LATERAL jsonb_array_elements(v.changes) AS c(change)
    CROSS JOIN LATERAL jsonb_array_elements_text(
      CASE c.change -> 'path' WHEN '["groupIds"]'::jsonb THEN c.change -> 'before' ELSE '[]' END) AS earlier(id)
    WHERE v.document_id = ANY(${documentIds}::uuid[]) AND v.created_at >= ${momentSql(since)} AND v.user_id IS NOT NULL
      AND NOT (c.change -> 'after') @> to_jsonb(earlier.id)
    GROUP BY v.document_id`);
  return new Map(rows.map(({ id, groupIds }) => [id, groupIds]));
}

export interface LinkChange {
  readonly after: LinkedDocument;
  /** Empty: only where the links come from is different, which makes no version. */
  readonly changes: readonly StoredChange[];
}

/** All in one statement, so that writers who wait for one of the documents wait no longer than need be. */
export async function writeLinks(db: LinksDb, changes: readonly LinkChange[], now: Date): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map(({ after, changes: differences }) => ({
    id: after.id,
    groups: after.groupIds,
    synced: after.syncedGroupIds,
    version: after.version,
    differences,
  }));
  const at = momentSql(now);
  await db.$executeRaw(Prisma.sql`
    WITH change AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        AS change(id uuid, groups uuid[], synced uuid[], version int, differences jsonb)
    ), written AS (
      UPDATE data.documents d SET group_ids = change.groups, synced_group_ids = change.synced, version = change.version,
        updated_at = CASE WHEN change.differences = '[]'::jsonb THEN d.updated_at ELSE ${at} END
      FROM change WHERE d.id = change.id RETURNING d.id, d.status
    )
    INSERT INTO data.document_versions (document_id, version, kind, transitions, status, user_id, changes, created_at,
      updated_at)
    SELECT change.id, change.version, 'LINKED', '{}', written.status, NULL, change.differences, ${at}, ${at}
    FROM change JOIN written ON written.id = change.id WHERE change.differences <> '[]'::jsonb`);
}

function beyond(after: string | undefined): Prisma.Sql {
  return after === undefined ? Prisma.sql`TRUE` : Prisma.sql`d.id > ${after}::uuid`;
}

async function idsOf(rows: Promise<unknown>): Promise<string[]> {
  return ((await rows) as { id: string }[]).map(({ id }) => id);
}
