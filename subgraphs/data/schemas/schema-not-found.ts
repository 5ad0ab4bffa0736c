// The refusal for a name that no schema has. Schemas are no secret: any signed-in user sees them all.
import { AppError } from '../../../platform/errors.ts';

export function schemaNotFound(field: string): AppError {
  return new AppError('NOT_FOUND', `${field}: there is no schema with this name.`, { field, code: 16 });
}
