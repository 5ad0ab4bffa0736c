// What an export asks for, from the query string of its URL: which documents, as JSON or as RQL.
import { z } from 'zod';
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { invalidInput } from '../../../platform/errors.ts';
import type { Json } from '../json/plain-json.ts';
import { requireJson } from '../json/plain-json.ts';
import { readFilters } from '../queries/filter.ts';
import type { FilterNode } from '../queries/filter-node.ts';
import { readRqlConditions } from '../queries/rql.ts';
import type { Properties } from '../schemas/type-configuration.ts';

/** What the URL says behind its `?`. */
export type ExportParameters = Readonly<Record<string, string | undefined>>;

const known: ReadonlySet<string> = new Set(['filter', 'rql']);

/** As Fastify reads it. BAD_USER_INPUT for what is given twice, and for what an export does not know. */
export function requireParameters(query: unknown): ExportParameters {
  const parameters = Object.entries(query as Record<string, unknown>).map(([name, value]): [string, string] => {
    // Passed over, a misspelt filter would export everything.
    if (!known.has(name)) throw invalidInput(name.slice(0, 50), 'an export knows `filter` and `rql` only.');
    if (typeof value !== 'string') throw invalidInput(name, 'must be given once.');
    return [name, value];
  });
  return Object.fromEntries(parameters);
}

/** Both must hold. BAD_USER_INPUT naming the place at fault. */
export function readExportFilter({ filter, rql }: ExportParameters, properties: Properties): FilterNode {
  const typed = filter === undefined ? undefined : requireFilter(filter);
  return readFilters(typed, rql === undefined ? undefined : readRqlConditions(rql, properties, 'rql'), properties);
}

function requireFilter(text: string): DocumentFilter {
  let value: Json;
  try {
    value = requireJson(JSON.parse(text), 'filter');
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidInput('filter', 'is not valid JSON.');
    throw error;
  }
  const parsed = filterShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = ['filter', ...(issue?.path ?? [])].join('.');
  throw invalidInput(
    path,
    issue?.code === 'unrecognized_keys' ? 'has a key that filters do not have.' : 'is not valid.',
  );
}

/** What GraphQL checks of a filter that comes as an argument. */
const filterShape: z.ZodType<DocumentFilter> = z.lazy(() =>
  z.strictObject({
    field: z.string().nullish(),
    eq: z.unknown().optional(),
    ne: z.unknown().optional(),
    gt: z.unknown().optional(),
    ge: z.unknown().optional(),
    lt: z.unknown().optional(),
    le: z.unknown().optional(),
    in: z.array(z.unknown()).nullish(),
    out: z.array(z.unknown()).nullish(),
    like: z.string().nullish(),
    present: z.boolean().nullish(),
    contains: filterShape.nullish(),
    excludes: filterShape.nullish(),
    and: z.array(filterShape).nullish(),
    or: z.array(filterShape).nullish(),
    not: filterShape.nullish(),
  }),
);
