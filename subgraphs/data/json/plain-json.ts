// Takes JSON from outside: what the database could not hold, or what would be dangerous to hold, is refused with its
// path. Says nothing about the meaning of the values.
import { invalidInput } from '../../../platform/errors.ts';
import { isStorable } from '../../../platform/text.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

/** Objects and lists inside each other; the outermost counts. */
const deepest = 50;

/** Names that reach an object's prototype in careless code, ours or a client's. */
export const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A copy that consists of plain JSON, or BAD_USER_INPUT naming the path at fault. Keys without a value are left out. */
export function requireJson(value: unknown, field: string): Json {
  return copy(value, field, 1);
}

/** Like `requireJson`, and it is an object. */
export function requireJsonObject(value: unknown, field: string): JsonObject {
  const json = requireJson(value, field);
  if (!isJsonObject(json)) throw invalidInput(field, 'must be object.', { code: 26 });
  return json;
}

/** The text, or BAD_USER_INPUT when the database could not hold or compare it. */
export function requireStorable(text: string, field: string): string {
  if (!isStorable(text)) throw invalidInput(field, 'it holds a character that cannot be stored.');
  return text;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function copy(value: unknown, field: string, depth: number): Json {
  if (typeof value === 'string') return requireStorable(value, field);
  if (value === null || typeof value === 'boolean') return value;
  // JSON knows no -0: stored as 0, it would be different from itself as it was sent.
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value;
  if (typeof value !== 'object') throw invalidInput(field, 'must be JSON.');
  if (depth > deepest) throw invalidInput(field, `must not be nested deeper than ${deepest}.`);
  if (Array.isArray(value)) return value.map((item, index) => copy(item, `${field}.${index}`, depth + 1));
  const object: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const path = `${field}.${key.slice(0, 100)}`;
    if (refusedKeys.has(key)) throw invalidInput(path, 'this key is not allowed.');
    requireStorable(key, path);
    object[key] = copy(inner, path, depth + 1);
  }
  return object;
}
