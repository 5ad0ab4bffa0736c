// Figures about the documents of a schema that the viewer sees.
import type { QueryDocumentAggregateArgs } from '../../../generated/resolvers/data.ts';
import { anyLayer } from '../../../platform/database/error-layers.ts';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import { invalidInput } from '../../../platform/errors.ts';
import type { Viewer } from '../access.ts';
import { readable } from '../access.ts';
import type { DocumentSchemaModel } from '../models.ts';
import { readGroupings, readMeasures } from './aggregate-input.ts';
import type { AggregateGroup } from './aggregate-store.ts';
import { aggregateRows } from './aggregate-store.ts';
import { readFilters } from './filter.ts';
import { readRqlConditions } from './rql.ts';

export interface DocumentAggregateResult {
  readonly groups: AggregateGroup[];
  readonly complete: boolean;
}

type Arguments = Pick<QueryDocumentAggregateArgs, 'filter' | 'rql' | 'groupBy' | 'measures' | 'first'>;

const mostGroups = 1_000;

/** BAD_USER_INPUT where the arguments are not valid. */
export async function aggregateDocuments(
  reads: SlowReads,
  { filter, rql, groupBy, measures, first }: Arguments,
  { schema, viewer }: { readonly schema: DocumentSchemaModel; readonly viewer: Viewer },
): Promise<DocumentAggregateResult> {
  const { properties } = schema.definition;
  if (first < 1 || first > mostGroups) throw invalidInput('first', `must be 1 to ${mostGroups}.`);
  const found = await aggregateRows(reads, {
    visible: readable(viewer, schema),
    filter: readFilters(
      filter,
      typeof rql === 'string' ? readRqlConditions(rql, properties, 'rql') : undefined,
      properties,
    ),
    groupings: readGroupings(groupBy, properties),
    measures: readMeasures(measures, properties),
    most: first + 1,
  }).catch((error: unknown) => {
    // Names that JavaScript knows and this PostgreSQL does not.
    if (!anyLayer(error, ({ code, originalCode }) => code === '22023' || originalCode === '22023')) throw error;
    throw invalidInput('groupBy', 'the database does not know this time zone.');
  });
  return { groups: found.slice(0, first), complete: found.length <= first };
}
