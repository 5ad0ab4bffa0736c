// Ids: UUIDv7 made here, any UUID accepted from outside.
import { parse, v7, validate } from 'uuid';
import { AppError } from './errors.ts';

/** A new id; ids made later sort later. */
export function newId(): string {
  return v7();
}

export function isId(value: unknown): value is string {
  return typeof value === 'string' && validate(value);
}

/** The 16 bytes that an id stands for. */
export function idBytes(id: string): Uint8Array {
  return parse(id);
}

/** The id in lower case, or BAD_USER_INPUT naming the field. */
export function requireId(value: string, field: string): string {
  if (!isId(value)) throw new AppError('BAD_USER_INPUT', `${field}: this is not an id (a UUID).`, { field, code: 12 });
  return value.toLowerCase();
}

/** Distinct ids in lower case, or BAD_USER_INPUT naming the element at fault or the list when it is too long. */
export function requireIds(values: readonly string[], field: string, most = 100): string[] {
  if (values.length > most) {
    throw new AppError('BAD_USER_INPUT', `${field}: at most ${most} are allowed.`, { field, code: 15 });
  }
  return [...new Set(values.map((value, index) => requireId(value, `${field}.${index}`)))];
}
