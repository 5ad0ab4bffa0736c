// The operators of document filters: which of them a filter uses, and their lists of values.
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { invalidInput } from '../../../platform/errors.ts';

const operators = [
  'eq',
  'ne',
  'gt',
  'ge',
  'lt',
  'le',
  'in',
  'out',
  'like',
  'present',
  'contains',
  'excludes',
] as const satisfies readonly (keyof DocumentFilter)[];

export type Operator = (typeof operators)[number];

const mostValues = 100;

/** `null` is a value for `eq` and `ne`; for all else it means that the operator is not there. */
export function usedOperators(filter: DocumentFilter): Operator[] {
  return operators.filter((name) => {
    const value = filter[name];
    return value !== undefined && (value !== null || name === 'eq' || name === 'ne');
  });
}

/** The values of `in` or `out`, or BAD_USER_INPUT when there are too many. */
export function requireValues(values: readonly unknown[] | null | undefined, path: string): readonly unknown[] {
  const list = values ?? [];
  if (list.length > mostValues) throw invalidInput(path, `at most ${mostValues} values are allowed.`);
  return list;
}
