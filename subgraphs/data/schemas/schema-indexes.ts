// Indexes of a schema, one by one.
import { AppError } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { isSystemIndex } from '../indexes/list-indexes.ts';
import { findIndex } from '../indexes/store.ts';
import { isJsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import type { ChangedSchema } from './change-schema.ts';
import type { EditRequest } from './edit-definition.ts';
import { editDefinition } from './edit-definition.ts';
import { fieldNames, indexesShape } from './index-shape.ts';
import type { SchemaDefinition } from './schema-definition.ts';

/** ALREADY_EXISTS when the schema has an index with the same fields. */
export function createSchemaIndex(
  { index, ...request }: EditRequest & { readonly index: unknown },
  parts: DataParts,
): Promise<ChangedSchema> {
  const given = isJsonObject(index) ? { ...index, system: false } : index;
  return editDefinition(parts, request, (definition) => {
    requireNewFields(given, definition);
    const indexes = [...definition.indexes, given];
    return { definition: { ...definition, indexes }, at: `indexes.${definition.indexes.length}`, field: 'input.index' };
  });
}

/** NOT_FOUND for an unknown id, ILLEGAL_STATE for an index that every schema has. */
export async function deleteSchemaIndex(
  { indexId, ...request }: EditRequest & { readonly indexId: string },
  parts: DataParts,
): Promise<ChangedSchema> {
  const field = 'input.indexId';
  if (isSystemIndex(indexId)) {
    throw new AppError('ILLEGAL_STATE', `${field}: every schema has this index.`, { field, code: 27 });
  }
  const id = requireId(indexId, field);
  return editDefinition(parts, request, async (definition, schema, db) => {
    const stored = await findIndex(db, id);
    if (stored === undefined || stored.schemaId !== schema.id || stored.state === 'DROPPING') {
      throw new AppError('NOT_FOUND', `${field}: the schema has no index with this id.`, { field, code: 16 });
    }
    const names = fieldNames(stored);
    const indexes = definition.indexes.filter((index) => fieldNames(index) !== names);
    return { definition: { ...definition, indexes }, at: 'indexes', field };
  });
}

function requireNewFields(given: unknown, { indexes }: SchemaDefinition): void {
  const [parsed] = indexesShape.safeParse([given]).data ?? [];
  if (parsed === undefined || !indexes.some((index) => fieldNames(index) === fieldNames(parsed))) return;
  const details = { field: 'input.index.fields', code: 17 };
  throw new AppError('ALREADY_EXISTS', 'input.index.fields: the schema has an index with these fields.', details);
}
