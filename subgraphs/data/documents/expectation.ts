// What a writer expects of a document, or of an object in one of its lists, at the moment of the change: so that nobody
// writes over what they have not seen.
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import { AppError, forbidden } from '../../../platform/errors.ts';
import type { Viewer } from '../access.ts';
import { readable } from '../access.ts';
import type { JsonObject } from '../json/plain-json.ts';
import { readFilter, readItemFilter } from '../queries/filter.ts';
import { matchesFilter, matchesItemFilter } from '../queries/matches-filter.ts';
import { readRql } from '../queries/rql.ts';
import type { TypeConfiguration } from '../schemas/type-configuration.ts';
import type { DocumentWithSchema } from './store.ts';

export interface Expectation {
  readonly expected?: DocumentFilter | null;
  readonly expectedRql?: string | null;
}

/**
 * CONFLICT naming the argument when the document is not as expected; BAD_USER_INPUT when the filter is not valid;
 * FORBIDDEN for those who may not see the document: the answer would tell them about it.
 */
export function requireExpected(
  { expected, expectedRql }: Expectation,
  { document, schema }: DocumentWithSchema,
  viewer: Viewer,
): void {
  const { properties } = schema.definition;
  const filters = [
    ...(expected ? [{ field: 'input.expected', read: () => readFilter(expected, properties, 'input.expected') }] : []),
    ...(typeof expectedRql === 'string'
      ? [{ field: 'input.expectedRql', read: () => readRql(expectedRql, properties, 'input.expectedRql').filter }]
      : []),
  ];
  if (filters.length > 0) requireSight({ document, schema }, viewer);
  for (const { field, read } of filters) if (!matchesFilter(read(), document)) throw unexpected(field, 'document');
}

/** The same for an object in a list; `field` in the filter counts from the object. */
export function requireExpectedItem(
  expected: DocumentFilter | null | undefined,
  item: { readonly value: JsonObject; readonly configuration: TypeConfiguration },
  sight: { readonly found: DocumentWithSchema; readonly viewer: Viewer },
): void {
  if (!expected) return;
  requireSight(sight.found, sight.viewer);
  const field = 'input.expectedItem';
  if (!matchesItemFilter(readItemFilter(expected, item.configuration, field), item.value)) {
    throw unexpected(field, 'object');
  }
}

function requireSight({ document, schema }: DocumentWithSchema, viewer: Viewer): void {
  if (!matches(readable(viewer, schema), { ...document })) throw forbidden('VIEW_DOCUMENTS');
}

function unexpected(field: string, what: string): AppError {
  return new AppError('CONFLICT', `${field}: the ${what} is not as expected; nothing was changed.`, { field });
}
