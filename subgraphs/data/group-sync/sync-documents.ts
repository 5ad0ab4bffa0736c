// Brings the groups of documents in line with the enlistments of their people, as their schemas ask for
// (`groupSyncMode`). Waits for nobody: who writes one of the documents meanwhile is waited for by the database alone.
import { findPatientEnlistments } from '../documents/learn-facts.ts';
import type { DocumentTransaction } from '../documents/settle.ts';
import { tellOfFiles } from '../documents/tell-of-files.ts';
import { documentEvent } from '../events.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import { findSchemasById } from '../schemas/store.ts';
import type { GroupSyncMode, PatientGroupsOf } from '../workflow/synced-groups.ts';
import { syncingUsers } from '../workflow/synced-groups.ts';
import type { GroupsTaken, LinkChange, LinkedDocument } from './store.ts';
import { findGroupsTaken, findLinks, writeLinks } from './store.ts';

const mostRounds = 10;

/**
 * At most some hundred documents at a time. Enlistments are asked for before the documents are locked, and may have
 * changed when they are written; so it looks again until there is nothing left to do, and whoever wrote last has looked
 * at what held afterwards. Throws when that takes too long: the job is tried again.
 */
export async function syncDocuments(ids: readonly string[], syncing: Syncing, parts: DataParts): Promise<void> {
  let left = ids;
  for (let round = 1; round <= mostRounds; round += 1) {
    const known = { ...(await learn(left, syncing, parts)), ...syncing };
    left = known.documents.filter((document) => isOutdated(document, known)).map(({ id }) => id);
    if (left.length === 0) return;
    const now = new Date(parts.clock());
    await parts.database.write((tx) => write(tx, left, { known, now }));
  }
  throw new Error('The enlistments of the users of documents keep changing');
}

export interface Syncing {
  readonly formula: Formula;
  /** When what brings groups happened: those that somebody took away since then do not come by it. Undefined: none come. */
  readonly since: Date | undefined;
}

/** What the groups of a document are to be. */
export type Formula = (
  document: LinkedDocument,
  patientGroups: PatientGroupsOf,
  rule: { readonly mode: GroupSyncMode; readonly isTaken: (groupId: string) => boolean },
) => LinkedDocument;

interface Known extends Syncing {
  readonly documents: readonly LinkedDocument[];
  readonly taken: GroupsTaken;
  readonly schemas: ReadonlyMap<string, DocumentSchemaModel>;
  readonly groupsOf: ReadonlyMap<string, readonly string[]>;
}

async function learn(
  ids: readonly string[],
  { since }: Syncing,
  { database, services }: DataParts,
): Promise<Omit<Known, keyof Syncing>> {
  const documents = await findLinks(database.db, ids, { lock: false });
  const taken = await findGroupsTaken(database.db, ids, since);
  const found = await findSchemasById(database.db, [...new Set(documents.map(({ schemaId }) => schemaId))]);
  const schemas = new Map(found.map((schema) => [schema.id, schema]));
  const userIds = [...new Set(documents.flatMap((document) => usersOf(document, schemas)))];
  const enlistments = await findPatientEnlistments(services, userIds);
  const groupsOf = new Map(userIds.map((id) => [id, (enlistments.get(id) ?? []).map(({ groupId }) => groupId)]));
  return { documents, taken, schemas, groupsOf };
}

async function write(
  tx: Pick<DocumentTransaction, 'db' | 'publish'>,
  ids: readonly string[],
  { known, now }: { readonly known: Known; readonly now: Date },
): Promise<void> {
  const documents = await findLinks(tx.db, ids, { lock: true });
  // After the lock: whoever held it may have taken groups away.
  const current = { ...known, taken: await findGroupsTaken(tx.db, ids, known.since) };
  const changes = documents
    .filter((document) => isOutdated(document, current))
    .map((document) => ({ before: document, ...changeOf(document, current) }));
  await writeLinks(tx.db, changes, now);
  const told = changes.filter(({ changes: differences }) => differences.length > 0);
  for (const { before, after } of told) {
    const schema = known.schemas.get(after.schemaId);
    if (schema === undefined) continue;
    tx.publish(documentEvent('document_updated', { document: { ...after, updatedAt: now }, before }, schema.name));
  }
  await tellOfFiles(tx, told);
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

function inLine(document: LinkedDocument, { schemas, groupsOf, taken, formula }: Known): LinkedDocument {
  const mode = schemas.get(document.schemaId)?.definition.groupSyncMode ?? 'disabled';
  const isTaken = (groupId: string) => taken.get(document.id)?.includes(groupId) === true;
  return formula(document, (userId) => groupsOf.get(userId) ?? [], { mode, isTaken });
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  const set = new Set(some);
  return set.size === new Set(others).size && others.every((id) => set.has(id));
}
