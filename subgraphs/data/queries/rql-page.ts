// What RQL says beside conditions: how many documents, in which order, and what of each.
import type { DocumentOrder as OrderInput } from '../../../generated/resolvers/data.ts';
import { rootField } from './rql-filter.ts';
import type { RqlTerm } from './rql-terms.ts';
import { RqlFault, shortened } from './rql-terms.ts';

export interface RqlLimit {
  readonly limit: number;
  readonly offset?: number;
}

const farthest = 10_000;
const largest = 1_000_000;

export function limitOf(term: RqlTerm): RqlLimit {
  const [limit, offset, ...more] = textsOf(term).map(wholeNumber);
  if (limit === undefined || more.length > 0) throw new RqlFault('`limit` takes one or two numbers.');
  if (offset !== undefined && offset > farthest) {
    throw new RqlFault(`\`limit\` passes over ${farthest} documents at most; use cursors to go farther.`);
  }
  return { limit: Math.min(limit, largest), ...(offset === undefined ? {} : { offset }) };
}

export function orderOf(term: RqlTerm): readonly OrderInput[] {
  const fields = textsOf(term);
  if (fields.length === 0) throw new RqlFault('`sort` takes at least one field.');
  return fields.map((text) => ({
    field: rootField(text.replace(/^[+-]/, '')),
    direction: text.startsWith('-') ? 'DESC' : 'ASC',
  }));
}

/** The paths in the data; undefined for the whole of it. */
export function selectionOf(term: RqlTerm): readonly string[] | undefined {
  const fields = textsOf(term);
  if (fields.length === 0) throw new RqlFault('`select` takes at least one field.');
  if (fields.length > 100) throw new RqlFault('`select` takes 100 fields at most.');
  for (const field of fields) {
    const inside = fields.find((other) => other.startsWith(`${field}.`));
    if (inside !== undefined) {
      throw new RqlFault(`\`select\` takes \`${shortened(field)}\` or \`${shortened(inside)}\`, not both.`);
    }
  }
  if (fields.includes('data')) return undefined;
  return fields.filter((field) => field.startsWith('data.')).map((field) => field.slice('data.'.length));
}

function textsOf({ operator, args }: RqlTerm): string[] {
  return args.map((argument) => {
    if (argument.kind === 'term') throw new RqlFault(`\`${operator}\` takes no conditions.`);
    return argument.text;
  });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RqlFault(`\`${shortened(text)}\` is not a whole number from 0.`);
  return Number(text);
}
