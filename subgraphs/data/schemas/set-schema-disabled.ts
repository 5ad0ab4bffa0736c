// Closes a schema, so that nothing is created or changed in it, and opens it again.
import type { DataParts } from '../parts.ts';
import type { ChangedSchema } from './change-schema.ts';
import { changeSchema } from './change-schema.ts';

/** NOT_FOUND for an unknown name. A schema that is as asked already stays as it is. */
export function setSchemaDisabled(
  { name, disabled }: { readonly name: string; readonly disabled: boolean },
  now: number,
  parts: DataParts,
): Promise<ChangedSchema> {
  const event = disabled ? 'schema_disabled' : 'schema_enabled';
  return changeSchema(parts, { name, field: 'input.name', now, event }, () => ({ disabled }));
}
