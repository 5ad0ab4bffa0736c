// Writes the table of documents, each change with its version: the only place that does so. Decides nothing.
import { Prisma } from '../../../generated/prisma/client.ts';
import { momentSql } from '../../../platform/database/moment-sql.ts';
import type { DocumentModel, StoredChange, VersionKind } from '../models.ts';
import type { Db } from './store.ts';

/** How a version came about. */
export interface NewVersion {
  readonly kind: VersionKind;
  readonly transitions: readonly string[];
  /** Null: the platform itself. */
  readonly userId: string | null;
  readonly changes: readonly StoredChange[];
}

/** A new document with its first version. False when its schema has changed since `schemaAt`, or is disabled or gone. */
export async function insertDocument(
  db: Db,
  document: DocumentModel,
  { schemaAt, ...version }: NewVersion & { readonly schemaAt: Date },
): Promise<boolean> {
  const written = await db.$executeRaw(Prisma.sql`
    WITH schema AS (
      SELECT id FROM data.document_schemas
      WHERE id = ${document.schemaId}::uuid AND NOT disabled AND deleted_at IS NULL
        AND date_trunc('milliseconds', updated_at) = ${momentSql(schemaAt)} FOR SHARE
    ), written AS (
      INSERT INTO data.documents (id, schema_id, creator_id, user_ids, group_ids, synced_group_ids, status,
        status_changed_at, data, version, locked_at, created_at, updated_at)
      SELECT ${document.id}::uuid, schema.id, ${document.creatorId}::uuid, ${document.userIds}::uuid[],
        ${document.groupIds}::uuid[], ${document.syncedGroupIds}::uuid[], ${document.status},
        ${momentSql(document.statusChangedAt)}, ${json(document.data)}, ${document.version}, ${momentSql(document.lockedAt)},
        ${momentSql(document.createdAt)}, ${momentSql(document.updatedAt)}
      FROM schema RETURNING id
    )
    ${insertVersion(document, version)}`);
  return written === 1;
}

/** Writes what can change of a document, and the version that this makes. */
export async function writeDocument(db: Db, document: DocumentModel, version: NewVersion): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    WITH written AS (
      UPDATE data.documents d SET user_ids = ${document.userIds}::uuid[], group_ids = ${document.groupIds}::uuid[],
        synced_group_ids = ${document.syncedGroupIds}::uuid[], status = ${document.status},
        status_changed_at = ${momentSql(document.statusChangedAt)}, data = ${json(document.data)},
        version = ${document.version}, locked_at = ${momentSql(document.lockedAt)},
        updated_at = ${momentSql(document.updatedAt)}
      WHERE d.id = ${document.id}::uuid RETURNING d.id
    )
    ${insertVersion(document, version)}`);
}

/** Null: unlocks. This is no change of the document. */
export async function setLock(db: Db, id: string, lockedAt: Date | null): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    UPDATE data.documents d SET locked_at = ${momentSql(lockedAt)} WHERE d.id = ${id}::uuid`);
}

/** With its versions, comments and links to files; which files these were. */
export async function removeDocument(db: Db, id: string): Promise<readonly string[]> {
  const [removed] = await db.$queryRaw<{ fileIds: string[] }[]>(Prisma.sql`
    DELETE FROM data.documents d WHERE d.id = ${id}::uuid
    RETURNING ARRAY(SELECT f.file_id FROM data.document_files f WHERE f.document_id = d.id) AS "fileIds"`);
  return removed?.fileIds ?? [];
}

function insertVersion(document: DocumentModel, { kind, transitions, userId, changes }: NewVersion): Prisma.Sql {
  const at = momentSql(document.updatedAt);
  return Prisma.sql`
    INSERT INTO data.document_versions (document_id, version, kind, transitions, status, user_id, changes, created_at,
      updated_at)
    SELECT id, ${document.version}, ${kind}, ${transitions}::text[], ${document.status}, ${userId}::uuid,
      ${json(changes)}, ${at}, ${at} FROM written`;
}

function json(value: unknown): Prisma.Sql {
  return Prisma.sql`${JSON.stringify(value)}::text::jsonb`;
}
