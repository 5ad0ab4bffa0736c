// An order of documents as SQL on documents `d`, and what keeps a page between its cursors.
//
// What is absent comes last in either direction, which no index gives. So by its first key a list falls into two parts,
// those that have it and those that have not, and each is read for itself, in an order that an index serves forwards
// and backwards. A cursor becomes a comparison of rows, or has one in front, which an index serves as well: the place of
// a page decides nothing about its price.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { CursorKey, KeyPart, PageRequest } from '../../../platform/paging/page.ts';
import type { DataPath } from '../json/data-path.ts';
import { documentColumns } from './document-columns.ts';
import type { DocumentOrder, SortKey } from './document-order.ts';
import { placeIn } from './document-order.ts';
import type { FilterNode } from './filter-node.ts';
import type { SingleField } from './typed-value-sql.ts';
import { boundValue, fieldSql } from './typed-value-sql.ts';

type Sql = Prisma.Sql;

/** A part of a list, in the direction of reading. */
export interface ListPart {
  readonly where: Sql;
  /** What it is sorted by, and what stands behind that in ORDER BY. */
  readonly order: readonly { readonly value: Sql; readonly direction: Sql }[];
}

/** The parts of a page, in the direction of reading: only what the first leaves of its size comes from the next. */
export function listParts(page: PageRequest, order: DocumentOrder, filter: FilterNode): ListPart[] {
  const [first, ...rest] = order.keys;
  if (first === undefined || first.field.kind === 'column') {
    return [partOf(page, order, { keys: order.keys, fixed: [], where: [], cursorOf: (cursor) => cursor })];
  }
  const has = (cursor: CursorKey | undefined) => cursor !== undefined && placeIn(cursor)[0] !== null;
  const hasNot = (cursor: CursorKey | undefined) => cursor !== undefined && placeIn(cursor)[0] === null;
  const value = fieldSql(first.field);
  // A filter that compares the value says of itself that it is there: saying it again would only cost planning.
  const asked = asksFor(filter, first.field.path);
  const present: Part = {
    keys: order.keys,
    fixed: [],
    where: asked ? [] : [Prisma.sql`${value} IS NOT NULL`],
    cursorOf: (cursor) => (has(cursor) ? cursor : undefined),
  };
  const absent: Part = {
    keys: rest,
    fixed: [first],
    where: [Prisma.sql`${value} IS NULL`],
    cursorOf: (cursor) => (hasNot(cursor) ? cursor : undefined),
  };
  const noneAbsent = has(page.before) || asked;
  const parts = [...(hasNot(page.after) ? [] : [present]), ...(noneAbsent ? [] : [absent])];
  // Between a cursor behind and one in front of it, for one, there is nothing.
  if (parts.length === 0) return [{ where: Prisma.sql`FALSE`, order: [{ value: id, direction: Prisma.empty }] }];
  return (page.backward ? parts.reverse() : parts).map((part) => partOf(page, order, part));
}

/** Whether the filter lets through only documents that have the value, of its type, at the path. */
function asksFor(filter: FilterNode, path: DataPath): boolean {
  if (filter.kind === 'all') return filter.of.some((part) => asksFor(part, path));
  if (filter.kind !== 'compares' && filter.kind !== 'equals') return false;
  if (filter.path.join('.') !== path.join('.')) return false;
  return filter.kind === 'compares' || !filter.values.includes(null);
}

/** The order's values that are not columns, as a JSON list: what cursors need besides the document. */
export function placeSql({ keys }: DocumentOrder, valueAt: (key: SortKey, index: number) => Sql): Sql {
  const values = keys.flatMap((key, index) => (key.field.kind === 'data' ? [valueAt(key, index)] : []));
  return values.length === 0 ? Prisma.sql`'[]'::jsonb` : Prisma.sql`jsonb_build_array(${Prisma.join(values)})`;
}

interface Part {
  /** The keys in which the part's documents differ; the first is never absent. */
  readonly keys: readonly SortKey[];
  /** Those before, in which they are alike: an index that begins with them is sorted by the others. */
  readonly fixed: readonly SortKey[];
  readonly where: readonly Sql[];
  /** The cursor, if it lies within the part. */
  cursorOf(cursor: CursorKey | undefined): CursorKey | undefined;
}

function partOf(page: PageRequest, order: DocumentOrder, part: Part): ListPart {
  const { backward } = page;
  const [after, before] = [part.cursorOf(page.after), part.cursorOf(page.before)];
  const conditions = [
    ...part.where,
    ...(after === undefined ? [] : [beyond(after, part, { order, earlier: false })]),
    ...(before === undefined ? [] : [beyond(before, part, { order, earlier: true })]),
  ];
  const columns = [...part.fixed, ...part.keys].map(({ field, descending }, index) => {
    const direction = directionOf(descending !== backward);
    // By PostgreSQL's own order where none or all are absent; else what is absent comes last.
    const sure = index === 0 || field.kind === 'column';
    return { value: fieldSql(field), direction: sure ? direction : Prisma.sql`${direction} ${nulls(backward)}` };
  });
  return {
    where: conditions.length === 0 ? Prisma.sql`TRUE` : Prisma.join(conditions, ' AND '),
    order: [...columns, { value: id, direction: directionOf(order.descending !== backward) }],
  };
}

const id = Prisma.raw(documentColumns.id);
const directionOf = (descending: boolean) => Prisma.raw(descending ? 'DESC' : 'ASC');
const nulls = (first: boolean) => Prisma.raw(first ? 'NULLS FIRST' : 'NULLS LAST');

interface Side {
  readonly order: DocumentOrder;
  /** Before the cursor, not behind it. */
  readonly earlier: boolean;
}

/** That a document of the part lies beyond the cursor. */
function beyond(cursor: CursorKey, { keys, fixed }: Part, side: Side): Sql {
  const { order, earlier } = side;
  const place = placeIn(cursor).slice(fixed.length);
  const last = Prisma.sql`${cursor.id}::uuid`;
  const neverAbsent = keys.every(({ field }, index) => field.kind === 'column' || (index === 0 && fixed.length === 0));
  if (neverAbsent && keys.every(({ descending }) => descending === order.descending)) {
    const columns = Prisma.join([...keys.map(({ field }) => fieldSql(field)), id]);
    const values = Prisma.join([...keys.map(({ field }, index) => bound(place[index] ?? null, field)), last]);
    return Prisma.sql`(${columns}) ${operatorOf(order.descending, earlier)} (${values})`;
  }
  let rest = Prisma.sql`${id} ${operatorOf(order.descending, earlier)} ${last}`;
  for (let index = keys.length - 1; index >= 0; index -= 1) {
    const sure = index === 0 && fixed.length === 0;
    rest = beyondKey(keys[index] as SortKey, place[index] ?? null, { rest, sure, earlier });
  }
  const [first] = keys;
  if (first === undefined || fixed.length > 0) return rest;
  const bounding = Prisma.sql`${fieldSql(first.field)} ${operatorOf(first.descending, earlier)}= ${bound(place[0] ?? null, first.field)}`;
  return Prisma.sql`(${bounding} AND ${rest})`;
}

interface Behind {
  /** What decides where this key does not. */
  readonly rest: Sql;
  /** The key is never absent. */
  readonly sure: boolean;
  readonly earlier: boolean;
}

function beyondKey({ field, descending }: SortKey, part: KeyPart, { rest, sure, earlier }: Behind): Sql {
  const value = fieldSql(field);
  if (part === null) {
    return earlier ? Prisma.sql`(${value} IS NOT NULL OR ${rest})` : Prisma.sql`(${value} IS NULL AND ${rest})`;
  }
  const other = bound(part, field);
  const absent = sure || earlier || field.kind === 'column' ? Prisma.empty : Prisma.sql`OR ${value} IS NULL`;
  const operator = operatorOf(descending, earlier);
  return Prisma.sql`(${value} ${operator} ${other} ${absent} OR (${value} = ${other} AND ${rest}))`;
}

function operatorOf(descending: boolean, earlier: boolean): Sql {
  return Prisma.raw(descending === earlier ? '>' : '<');
}

/** A value of a cursor as a parameter. */
function bound(value: KeyPart, field: SingleField): Sql {
  if (field.kind === 'data') return boundValue(value ?? '', field.type);
  return field.column === 'status' ? Prisma.sql`${value}::text` : Prisma.sql`${value}::text::timestamptz`;
}
