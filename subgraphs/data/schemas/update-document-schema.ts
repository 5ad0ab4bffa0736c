// Changes a schema as a whole: its name, its description, its definition.
import type { DataParts } from '../parts.ts';
import type { ChangedSchema } from './change-schema.ts';
import { changeSchema } from './change-schema.ts';
import { requireDefinition } from './schema-definition.ts';
import { requireSchemaDescription, requireSchemaName } from './schema-name.ts';

export interface SchemaUpdate {
  readonly name: string;
  readonly newName?: string | null;
  readonly description?: string | null;
  readonly definition?: unknown;
}

/** NOT_FOUND, ALREADY_EXISTS for the new name, or BAD_USER_INPUT naming the path at fault. */
export function updateDocumentSchema(
  { name, newName, description, definition }: SchemaUpdate,
  now: number,
  parts: DataParts,
): Promise<ChangedSchema> {
  const named = newName == null || newName === name ? {} : { name: requireSchemaName(newName, 'input.newName') };
  const described =
    description == null ? {} : { description: requireSchemaDescription(description, 'input.description') };
  return changeSchema(parts, { name, field: 'input.name', now }, ({ definition: { transitions } }) => ({
    ...named,
    ...described,
    ...(definition == null
      ? {}
      : { definition: requireDefinition(definition, 'input.definition', { compile: parts.compile, transitions }) }),
  }));
}
