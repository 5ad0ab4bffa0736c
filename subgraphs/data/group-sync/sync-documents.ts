// Brings the groups of documents in line with the enlistments of their people, as their schemas ask for
// (`groupSyncMode`). Waits for nobody: who writes one of the documents meanwhile is waited for by the database alone.
import type { WriteTransaction } from '../../../platform/database/database.ts';
import { findPatientEnlistments } from '../documents/learn-facts.ts';
import { documentEvent } from '../events.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import { findSchemasById } from '../schemas/store.ts';
import { syncingUsers, type withSyncedGroups } from '../workflow/synced-groups.ts';
import type { LinkChange, LinkedDocument } from './store.ts';
import { findLinks, writeLinks } from './store.ts';

const mostRounds = 10;

/**
 * At most some hundred documents at a time. Enlistments are asked for before the documents are locked, and may have
 * changed when they are written; so it looks again until there is nothing left to do, and whoever wrote last has looked
 * at what held afterwards. Throws when that takes too long: the job is tried again.
 */
export async function syncDocuments(ids: readonly string[], formula: Formula, parts: DataParts): Promise<void> {
  let left = ids;
  for (let round = 1; round <= mostRounds; round += 1) {
    const known = { ...(await learn(left, parts)), formula };
    left = known.documents.filter((document) => isOutdated(document, known)).map(({ id }) => id);
    if (left.length === 0) return;
    const now = new Date(parts.clock());
    await parts.database.write((tx) => write(tx, left, { known, now }));
  }
  throw new Error('The enlistments of the users of documents keep changing');
}

/** What the groups of a document are to be. */
export type Formula = typeof withSyncedGroups<LinkedDocument>;

interface Known {
  readonly formula: Formula;
  readonly documents: readonly LinkedDocument[];
  readonly schemas: ReadonlyMap<string, DocumentSchemaModel>;
  readonly groupsOf: ReadonlyMap<string, readonly string[]>;
}

async function learn(ids: readonly string[], { database, services }: DataParts): Promise<Omit<Known, 'formula'>> {
  const documents = await findLinks(database.db, ids, { lock: false });
  const found = await findSchemasById(database.db, [...new Set(documents.map(({ schemaId }) => schemaId))]);
  const schemas = new Map(found.map((schema) => [schema.id, schema]));
  const userIds = [...new Set(documents.flatMap((document) => usersOf(document, schemas)))];
  const enlistments = await findPatientEnlistments(services, userIds);
  const groupsOf = new Map(userIds.map((id) => [id, (enlistments.get(id) ?? []).map(({ groupId }) => groupId)]));
  return { documents, schemas, groupsOf };
}

async function write(
  tx: Pick<WriteTransaction<never>, 'db' | 'publish'>,
  ids: readonly string[],
  { known, now }: { readonly known: Known; readonly now: Date },
): Promise<void> {
  const changes = (await findLinks(tx.db, ids, { lock: true }))
    .filter((document) => isOutdated(document, known))
    .map((document) => changeOf(document, known));
  await writeLinks(tx.db, changes, now);
  for (const { after, changes: differences } of changes) {
    const schema = known.schemas.get(after.schemaId);
    if (schema !== undefined && differences.length > 0) {
      tx.publish(documentEvent('document_updated', after, schema.name));
    }
  }
}

function usersOf(
  document: LinkedDocument,
  schemas: ReadonlyMap<string, Pick<DocumentSchemaModel, 'definition'>>,
): readonly string[] {
  const schema = schemas.get(document.schemaId);
  return schema === undefined ? [] : syncingUsers(document, schema.definition.groupSyncMode);
}

/** False for what cannot be decided: its schema is gone, or it has users whom nobody asked about yet. */
function isOutdated(document: LinkedDocument, known: Known): boolean {
  if (!known.schemas.has(document.schemaId)) return false;
  if (!usersOf(document, known.schemas).every((id) => known.groupsOf.has(id))) return false;
  const synced = inLine(document, known);
  return !isSameSet(synced.groupIds, document.groupIds) || !isSameSet(synced.syncedGroupIds, document.syncedGroupIds);
}

function changeOf(document: LinkedDocument, known: Known): LinkChange {
  const synced = inLine(document, known);
  if (isSameSet(synced.groupIds, document.groupIds)) {
    return { after: { ...synced, groupIds: document.groupIds }, changes: [] };
  }
  const change = { path: ['groupIds'], before: document.groupIds, after: synced.groupIds };
  return { after: { ...synced, version: document.version + 1 }, changes: [change] };
}

function inLine(document: LinkedDocument, { schemas, groupsOf, formula }: Known): LinkedDocument {
  const mode = schemas.get(document.schemaId)?.definition.groupSyncMode ?? 'disabled';
  return formula(document, (userId) => groupsOf.get(userId) ?? [], mode);
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  const set = new Set(some);
  return set.size === new Set(others).size && others.every((id) => set.has(id));
}
