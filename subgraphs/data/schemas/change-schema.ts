// Every change of a schema: under a lock, so that changes at the same time come one after the other, with the indexes
// and whatever else follows from it in one transaction.
import { isDeepStrictEqual } from 'node:util';
import { findIndexViolation } from '../../../platform/database/violated-index.ts';
import type { SchemaEventType } from '../events.ts';
import { schemaEvent } from '../events.ts';
import { syncSchemaJobs } from '../group-sync/jobs.ts';
import { reconcileIndexes } from '../indexes/reconcile-indexes.ts';
import { sightChangeOf } from '../live/schema-sight.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import type { SchemaChange } from './schema-changes.ts';
import { schemaChanges } from './schema-changes.ts';
import { schemaNameTaken } from './schema-name.ts';
import { schemaNotFound } from './schema-not-found.ts';
import { lockSchema, writeSchema } from './store.ts';

export type SchemaDb = DataParts['database']['db'];

/** What of a schema can change. */
export type SchemaDraft = Pick<DocumentSchemaModel, 'name' | 'description' | 'definition' | 'disabled'>;

export interface SchemaChangeRequest {
  readonly name: string;
  /** Names the schema's name in a refusal. */
  readonly field: string;
  readonly now: number;
  /** What is told of it; `schema_updated` unless told. */
  readonly event?: SchemaEventType;
}

export interface ChangedSchema {
  readonly schema: DocumentSchemaModel;
  readonly changes: readonly SchemaChange[];
}

/** May read the database, but nothing else: a transaction is open. */
type DraftOf = (schema: DocumentSchemaModel, db: SchemaDb) => Partial<SchemaDraft> | Promise<Partial<SchemaDraft>>;

/**
 * NOT_FOUND for an unknown name, ALREADY_EXISTS for a new name that is taken, and what `draftOf` throws; then nothing has
 * changed. A draft that is no different changes nothing, and nobody is told.
 */
export async function changeSchema(
  { database }: Pick<DataParts, 'database'>,
  { name, field, now, event = 'schema_updated' }: SchemaChangeRequest,
  draftOf: DraftOf,
): Promise<ChangedSchema> {
  let newName = name;
  const write = database.write(async (tx) => {
    const before = await lockSchema(tx.db, name);
    if (before === undefined) throw schemaNotFound(field);
    const drafted = { ...before, ...(await draftOf(before, tx.db)) };
    newName = drafted.name;
    const changes = schemaChanges(before, drafted);
    if (isDeepStrictEqual(before, drafted)) return { schema: before, changes };
    // What is kept of a schema is kept by this moment: no two states of it have the same.
    const schema = { ...drafted, updatedAt: new Date(Math.max(now, before.updatedAt.getTime() + 1)) };
    await writeSchema(tx.db, schema);
    await reconcileIndexes(tx, schema);
    tx.publish(schemaEvent(event, schema, sightChangeOf(before, schema)));
    if (before.definition.groupSyncMode !== schema.definition.groupSyncMode) {
      for (const job of syncSchemaJobs(schema.id, now)) tx.enqueue(job);
    }
    return { schema, changes };
  });
  try {
    return await write;
  } catch (error) {
    if (findIndexViolation(error, 'document_schemas_name') === undefined) throw error;
    throw schemaNameTaken(newName, 'input.newName');
  }
}
