// Deletes a schema for good: at once nobody finds it any more, and a job removes its documents, its indexes, itself.
import { isQueryTimeout } from '../../../platform/database/query-timeout.ts';
import { AppError } from '../../../platform/errors.ts';
import type { JsonObject } from '../../../platform/events/event.ts';
import { removeSomeDocumentsOf } from '../documents/schema-documents-store.ts';
import { schemaEvent } from '../events.ts';
import { dropIndexNow } from '../indexes/build-index.ts';
import { dropIndexesOf } from '../indexes/reconcile-indexes.ts';
import { findDroppingIndexesOf } from '../indexes/store.ts';
import { sightChangeOf } from '../live/schema-sight.ts';
import type { DataParts } from '../parts.ts';
import { schemaNotFound } from './schema-not-found.ts';
import { isDeletedSchema, lockSchema, markSchemaDeleted, removeDeletedSchema } from './store.ts';

/** The id of the schema. NOT_FOUND for an unknown name, ILLEGAL_STATE for a schema that is not disabled. */
export async function deleteDocumentSchema(
  name: string,
  now: number,
  { database }: Pick<DataParts, 'database'>,
): Promise<string> {
  return database.write(async (tx) => {
    const schema = await lockSchema(tx.db, name);
    if (schema === undefined) throw schemaNotFound('input.name');
    if (!schema.disabled) {
      const details = { field: 'input.name', code: 27 };
      throw new AppError('ILLEGAL_STATE', 'input.name: disable the schema before you delete it.', details);
    }
    await markSchemaDeleted(tx.db, schema, new Date(now));
    await dropIndexesOf(tx, schema.id);
    tx.publish(schemaEvent('schema_deleted', schema, sightChangeOf(schema, undefined)));
    tx.enqueue({ job: 'deleteSchema', data: { schemaId: schema.id } });
    return schema.id;
  });
}

/** Few enough for a short transaction each, and for a job that ends in time. */
const documentsAtOnce = 500;
const batchesPerJob = 20;
const pauseMilliseconds = 5_000;

/** Removes what is left of a deleted schema; what does not end soon goes on in another job. */
export async function removeDeletedSchemaJob(
  { schemaId }: JsonObject,
  { database, clock }: Pick<DataParts, 'database' | 'clock'>,
): Promise<void> {
  const id = String(schemaId);
  let atOnce = documentsAtOnce;
  for (let batch = 0; batch < batchesPerJob; batch += 1) {
    const removed = await removeSome(id, atOnce, database);
    if (removed === undefined) atOnce = Math.ceil(atOnce / 2);
    if (removed === undefined || removed === atOnce) continue;
    // Their own jobs may have been given up.
    for (const index of await findDroppingIndexesOf(database.db, id)) await dropIndexNow(index, { database });
    await database.write(async (tx) => {
      if (await removeDeletedSchema(tx.db, id)) return;
      // Its indexes are still being dropped.
      if (await isDeletedSchema(tx.db, id)) {
        tx.enqueue({ job: 'deleteSchema', data: { schemaId: id }, startAfter: new Date(clock() + pauseMilliseconds) });
      }
    });
    return;
  }
  await database.write(async (tx) => tx.enqueue({ job: 'deleteSchema', data: { schemaId: id } }));
}

/** How many were removed; undefined when that many take longer than a statement may, with all their versions. */
async function removeSome(id: string, atOnce: number, database: DataParts['database']): Promise<number | undefined> {
  try {
    return await database.write((tx) => removeSomeDocumentsOf(tx.db, id, atOnce));
  } catch (error) {
    if (atOnce > 1 && isQueryTimeout(error)) return undefined;
    throw error;
  }
}
