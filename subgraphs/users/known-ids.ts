// Lists of ids in the inputs of mutations: there, well-formed, and of things that exist.
import { invalidInput, notFound } from '../../platform/errors.ts';
import { requireIds } from '../../platform/ids.ts';

/** Distinct ids in lower case, at least one. */
export function requireSomeIds(values: readonly string[], field: string): string[] {
  if (values.length === 0) throw invalidInput(field, 'name at least one.');
  return requireIds(values, field);
}

interface Named {
  /** What the ids are of, for people. */
  readonly what: string;
  readonly field: string;
}

/** NOT_FOUND naming the first of the values given that is not among those found. */
export function requireFound(given: readonly string[], found: ReadonlySet<string>, { what, field }: Named): void {
  const missing = given.findIndex((id) => !found.has(id.toLowerCase()));
  if (missing !== -1) throw notFound(what, `${field}.${missing}`);
}
