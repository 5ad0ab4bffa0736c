// Whether a filter of a list looks at a field: where it does not, a change of the field changes nothing for the filter.
import type { Combined, Maybe } from './prisma-filters.ts';

export function readsField<F extends Combined<F>>(filter: Maybe<F>, fields: ReadonlySet<string>): boolean {
  if (filter === null || filter === undefined) return false;
  const { and, or, not, ...own } = filter;
  const named = Object.entries(own).some(([name, given]) => fields.has(name) && given !== null && given !== undefined);
  return named || [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])].some((inner) => readsField(inner, fields));
}
