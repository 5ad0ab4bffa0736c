// Filters of lists by themselves: any that a client can write, and what they mean, evaluated plainly on one row. What
// the database answers is compared with that.
import fc from 'fast-check';

/** Moments are ISO 8601 with milliseconds; null: the row has no value. */
export type RowValue = string | boolean | null;
export type Row = Readonly<Record<string, RowValue>>;

interface Operators {
  readonly eq?: string | null;
  readonly ne?: string | null;
  readonly in?: readonly string[] | null;
  readonly out?: readonly string[] | null;
  readonly like?: string | null;
  readonly gt?: string | null;
  readonly ge?: string | null;
  readonly lt?: string | null;
  readonly le?: string | null;
}

export interface RowFilter {
  readonly [field: string]: Operators | RowValue | RowFilter | readonly RowFilter[] | undefined;
  readonly and?: readonly RowFilter[];
  readonly or?: readonly RowFilter[];
  readonly not?: RowFilter;
}

export function meets({ and, or, not, ...parts }: RowFilter, row: Row): boolean {
  return (
    Object.entries(parts).every(([field, part]) => holds(part as Operators | RowValue, row[field] ?? null)) &&
    (and ?? []).every((filter) => meets(filter, row)) &&
    (or === undefined || or.some((filter) => meets(filter, row))) &&
    (not === undefined || !meets(not, row))
  );
}

/** A value that is missing has none that is equal, smaller or greater, and every value is another. */
function holds(part: Operators | RowValue | undefined, value: RowValue): boolean {
  if (part === undefined || part === null) return true;
  if (typeof part !== 'object') return part === value;
  const { eq, ne, in: among, out, like, gt, ge, lt, le } = part;
  const text = typeof value === 'string' ? value : undefined;
  const compared = (limit: string | null | undefined, is: (text: string, limit: string) => boolean) =>
    limit == null || (text !== undefined && is(text, limit));
  return (
    (eq == null || value === eq) &&
    (ne == null || value !== ne) &&
    (among == null || (text !== undefined && among.includes(text))) &&
    (out == null || text === undefined || !out.includes(text)) &&
    compared(like, (it, limit) => it.toLowerCase().includes(limit.toLowerCase())) &&
    compared(gt, (it, limit) => it > limit) &&
    compared(ge, (it, limit) => it >= limit) &&
    compared(lt, (it, limit) => it < limit) &&
    compared(le, (it, limit) => it <= limit)
  );
}

/** Two of the parts at most: of filters with more, hardly one would find anything. */
function sparse<T extends object>(parts: { readonly [K in keyof T]?: fc.Arbitrary<unknown> }): fc.Arbitrary<T> {
  const named = Object.entries(parts) as [string, fc.Arbitrary<unknown>][];
  const one = fc.oneof(...named.map(([name, part]) => part.map((value) => ({ [name]: value }))));
  return fc.array(one, { maxLength: 2 }).map((some) => Object.assign({}, ...some) as T);
}
const few = (value: fc.Arbitrary<string>) => fc.array(value, { maxLength: 3 });

export function idOperators(...values: string[]): fc.Arbitrary<Operators> {
  const value = fc.constantFrom(...values);
  return sparse<Operators>({ eq: value, ne: value, in: few(value), out: few(value) });
}

export function textOperators(...values: string[]): fc.Arbitrary<Operators> {
  const value = fc.constantFrom(...values);
  return sparse<Operators>({ eq: value, ne: value, in: few(value), out: few(value), like: value });
}

export function momentOperators(...values: string[]): fc.Arbitrary<Operators> {
  const value = fc.constantFrom(...values);
  return sparse<Operators>({ eq: value, ne: value, gt: value, ge: value, lt: value, le: value });
}

/** Any filter of these fields, however it is put together, also where parts of it are empty. */
export function anyFilter(fields: Record<string, fc.Arbitrary<Operators | RowValue>>): fc.Arbitrary<RowFilter> {
  const around = (inner: fc.Arbitrary<RowFilter>): fc.Arbitrary<RowFilter> =>
    sparse<RowFilter>({
      ...fields,
      and: fc.array(inner, { maxLength: 2 }),
      or: fc.array(inner, { maxLength: 2 }),
      not: inner,
    });
  return around(around(sparse<RowFilter>(fields)));
}
