// Creates a document: conditions, validation and actions of the schema's creation transition, then the document and
// its event in one transaction.
import { forbidden } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { mayCreate } from './access.ts';
import type { IdInData, Initiator } from './creation-actions.ts';
import { runActions } from './creation-actions.ts';
import { requireCreationConditions } from './creation-conditions.ts';
import { insertDocument } from './document-store.ts';
import { documentEvent } from './events.ts';
import { findMissingGroups, findMissingUsers } from './existing-references.ts';
import type { DocumentModel, DocumentSchemaModel } from './models.ts';
import type { DataParts } from './parts.ts';
import { requireJsonObject } from './plain-json.ts';
import { dataFault, requireFaultless } from './schema-checks.ts';
import { schemaNotFound } from './schema-not-found.ts';
import { findSchemasByName } from './schema-store.ts';
import { storedForm } from './stored-form.ts';

export interface NewDocument {
  readonly schemaName: string;
  readonly data?: unknown;
}

export interface CreatedDocument {
  readonly document: DocumentModel;
  readonly schema: DocumentSchemaModel;
}

const field = 'input.data';

/** NOT_FOUND for an unknown schema, FORBIDDEN when the create mode says no, BAD_USER_INPUT naming the path in the data. */
export async function createDocument(
  { schemaName, data = {} }: NewDocument,
  initiator: Initiator,
  parts: DataParts,
): Promise<CreatedDocument> {
  const [schema] = await findSchemasByName(parts.database.db, [schemaName]);
  if (schema === undefined) throw schemaNotFound('input.schemaName');
  if (!mayCreate(initiator, schema)) throw forbidden('CREATE_DOCUMENTS');
  const document = await draftDocument(schema, data, { initiator, parts });
  await parts.database.write(async (tx) => {
    await insertDocument(tx.db, document);
    tx.publish(documentEvent('document_created', document, schema.name));
  });
  return { document, schema };
}

interface Surroundings {
  readonly initiator: Initiator;
  readonly parts: DataParts;
}

async function draftDocument(
  schema: DocumentSchemaModel,
  given: unknown,
  { initiator, parts }: Surroundings,
): Promise<DocumentModel> {
  const { properties, creationTransition } = schema.definition;
  const checks = parts.checksOf(schema);
  const submitted = requireJsonObject(given, field);
  requireCreationConditions(schema, { data: submitted, viewer: initiator, field }, parts.checksOf);
  requireFaultless(checks.data, submitted, field);
  const { draft, users, groups } = runActions(creationTransition.actions ?? [], submitted, { initiator, field });
  const data = storedForm(draft.data, properties);
  if (draft.data !== submitted) requireFaultless(checks.data, data, field);
  await requireExisting(users, (ids) => findMissingUsers(parts.services, ids), 'must be the id of a user.');
  await requireExisting(groups, (ids) => findMissingGroups(parts.services, ids), 'must be the id of a group.');
  const moment = new Date(initiator.now);
  return {
    ...draft,
    id: newId(),
    schemaId: schema.id,
    creatorId: initiator.identity.userId,
    data,
    status: creationTransition.toStatus,
    statusChangedAt: moment,
    createdAt: moment,
    updatedAt: moment,
  };
}

async function requireExisting(
  found: readonly IdInData[],
  findMissing: (ids: readonly string[]) => Promise<string[]>,
  message: string,
): Promise<void> {
  const missing = new Set(await findMissing([...new Set(found.map(({ id }) => id))]));
  const fault = found.find(({ id }) => missing.has(id));
  if (fault !== undefined) throw dataFault(fault.field, message);
}
