// The refusal for a name that no schema has. Names are no secret: of a schema that is disabled, or where a viewer sees
// nothing, they are answered with no documents.
import { AppError } from '../../../platform/errors.ts';

export function schemaNotFound(field: string): AppError {
  return new AppError('NOT_FOUND', `${field}: there is no schema with this name.`, { field, code: 16 });
}
