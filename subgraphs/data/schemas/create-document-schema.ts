// Creates a schema. Who may is decided before (permissions.ts).
import { newId } from '../../../platform/ids.ts';
import { schemaEvent } from '../events.ts';
import { reconcileIndexes } from '../indexes/reconcile-indexes.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import { requireDefinition } from './schema-definition.ts';
import { requireSchemaDescription, requireSchemaName, schemaNameTaken } from './schema-name.ts';
import { insertSchema } from './store.ts';

export interface NewSchema {
  readonly name: string;
  readonly description?: string;
  readonly definition?: unknown;
}

/** Throws BAD_USER_INPUT naming the path at fault, or ALREADY_EXISTS when another schema has the name. */
export async function createDocumentSchema(
  { name, description = '', definition = {} }: NewSchema,
  now: number,
  { database, compile }: DataParts,
): Promise<DocumentSchemaModel> {
  const moment = new Date(now);
  const schema: DocumentSchemaModel = {
    id: newId(),
    name: requireSchemaName(name, 'input.name'),
    description: requireSchemaDescription(description, 'input.description'),
    definition: requireDefinition(definition ?? {}, 'input.definition', { compile }),
    disabled: false,
    createdAt: moment,
    updatedAt: moment,
  };
  await database.write(async (tx) => {
    if (!(await insertSchema(tx.db, schema))) throw schemaNameTaken(name, 'input.name');
    await reconcileIndexes(tx, schema);
    tx.publish(schemaEvent('schema_created', schema));
  });
  return schema;
}
