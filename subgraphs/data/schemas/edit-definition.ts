// Changes one part of a definition: the whole of it is checked as it is then, and what is wrong with the part is told
// of where the input has it.
import { AppError } from '../../../platform/errors.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import type { ChangedSchema, SchemaDb } from './change-schema.ts';
import { changeSchema } from './change-schema.ts';
import { definitionFault } from './definition-faults.ts';
import type { SchemaDefinition } from './schema-definition.ts';
import { requireDefinition } from './schema-definition.ts';

export interface Edit {
  /** The definition with the part as it is to be; not checked so far. */
  readonly definition: { readonly [K in keyof SchemaDefinition]: unknown };
  /** Where the part is in the definition, as a dotted path. */
  readonly at: string;
  /** Where the input has it. */
  readonly field: string;
}

export interface EditRequest {
  readonly schemaName: string;
  readonly now: number;
}

type EditOf = (definition: SchemaDefinition, schema: DocumentSchemaModel, db: SchemaDb) => Edit | Promise<Edit>;

/** NOT_FOUND for an unknown schema, BAD_USER_INPUT naming the path in the input, and what `editOf` throws. */
export function editDefinition(
  parts: DataParts,
  { schemaName, now }: EditRequest,
  editOf: EditOf,
): Promise<ChangedSchema> {
  return changeSchema(parts, { name: schemaName, field: 'input.schemaName', now }, async (schema, db) => {
    const { transitions } = schema.definition;
    const edit = await editOf(schema.definition, schema, db);
    try {
      return { definition: requireDefinition(edit.definition, root, { compile: parts.compile, transitions }) };
    } catch (error) {
      throw error instanceof AppError ? faultOfInput(error, edit) : error;
    }
  });
}

const root = 'definition';

/** The fault as the sender of the part sees it; what then is wrong elsewhere is the part's fault, too. */
function faultOfInput(error: AppError, { at, field }: Edit): AppError {
  const path = String(error.details?.field);
  const text = error.message.replace(`${path}: `, '');
  const place = `${root}.${at}`;
  if (path === place || path.startsWith(`${place}.`)) {
    const inInput = `${field}${path.slice(place.length)}`;
    return new AppError(error.code, `${inInput}: ${text}`, { ...error.details, field: inInput });
  }
  return definitionFault(field, `the schema would no longer fit together: ${path}: ${text}`);
}
