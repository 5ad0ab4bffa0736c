// Names and descriptions of schemas: what they may be, and the refusal of a name that is taken.
import { AppError, invalidInput } from '../../../platform/errors.ts';
import { isId } from '../../../platform/ids.ts';
import { requireText } from '../../../platform/text.ts';

const nameShape = /^[A-Za-z0-9_-]{3,50}$/;
const longestDescription = 100;

export function requireSchemaName(name: string, field: string): string {
  if (!nameShape.test(name)) throw invalidInput(field, 'must be 3 to 50 letters, digits, `_` and `-`.', { code: 416 });
  // Where a name or an id may stand, they must not be mistaken for each other.
  if (isId(name)) throw invalidInput(field, 'must not look like an id.', { code: 416 });
  if (name === 'health') throw invalidInput(field, 'this name is reserved.', { code: 416 });
  return name;
}

export function requireSchemaDescription(description: string, field: string): string {
  return requireText(description, field, { most: longestDescription });
}

export function schemaNameTaken(name: string, field: string): AppError {
  return new AppError('ALREADY_EXISTS', `${field}: there is a schema ${name} already.`, { field, code: 17 });
}
