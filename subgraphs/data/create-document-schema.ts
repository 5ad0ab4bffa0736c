// Creates a schema. Who may is decided before (permissions.ts).
import { AppError, invalidInput } from '../../platform/errors.ts';
import { isId, newId } from '../../platform/ids.ts';
import { requireText } from '../../platform/text.ts';
import { schemaCreated } from './events.ts';
import type { DocumentSchemaModel } from './models.ts';
import type { DataParts } from './parts.ts';
import { requireDefinition } from './schema-definition.ts';
import { insertSchema } from './schema-store.ts';

export interface NewSchema {
  readonly name: string;
  readonly description?: string;
  readonly definition?: unknown;
}

const nameShape = /^[A-Za-z0-9_-]{3,50}$/;
const longestDescription = 100;

/** Throws BAD_USER_INPUT naming the path at fault, or ALREADY_EXISTS when another schema has the name. */
export async function createDocumentSchema(
  { name, description = '', definition = {} }: NewSchema,
  now: number,
  { database, compile }: DataParts,
): Promise<DocumentSchemaModel> {
  if (!nameShape.test(name)) throw invalidInput('input.name', 'must be 3 to 50 letters, digits, `_` and `-`.');
  // Where a name or an id may stand, they must not be mistaken for each other.
  if (isId(name)) throw invalidInput('input.name', 'must not look like an id.');
  requireText(description, 'input.description', { most: longestDescription });
  const moment = new Date(now);
  const schema: DocumentSchemaModel = {
    id: newId(),
    name,
    description,
    definition: requireDefinition(definition, 'input.definition', compile),
    createdAt: moment,
    updatedAt: moment,
  };
  await database.write(async (tx) => {
    if (!(await insertSchema(tx.db, schema))) {
      throw new AppError('ALREADY_EXISTS', `input.name: there is a schema ${name} already.`, {
        field: 'input.name',
        code: 17,
      });
    }
    tx.publish(schemaCreated(schema));
  });
  return schema;
}
