// Reads lists of documents from their table. A list takes a condition of access and never goes without one.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Condition } from '../../../platform/access/condition.ts';
import { toSql } from '../../../platform/access/condition-sql.ts';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { PageRequest } from '../../../platform/paging/page.ts';
import type { DocumentModel } from '../models.ts';
import type { AccessScan } from './access-scans-sql.ts';
import { accessScans } from './access-scans-sql.ts';
import { documentColumns } from './document-columns.ts';
import type { DocumentOrder, Place } from './document-order.ts';
import type { DocumentSelection } from './document-selection-sql.ts';
import { documentSelection } from './document-selection-sql.ts';
import type { FilterNode } from './filter-node.ts';
import { filterSql } from './filter-sql.ts';
import type { ListPart } from './order-sql.ts';
import { listParts, placeSql } from './order-sql.ts';
import { fieldSql } from './typed-value-sql.ts';

type Sql = Prisma.Sql;

/** Which documents: those that the viewer may see, and that the filter lets through. */
export interface SelectedDocuments {
  readonly visible: Condition;
  readonly filter: FilterNode;
}

export interface DocumentListing extends SelectedDocuments, DocumentSelection {
  readonly order: DocumentOrder;
  readonly page: PageRequest;
  /** How many to pass over at the begin of the page. */
  readonly offset: number;
  /** Whether the schema may have documents in more than two groups. */
  readonly manyGroups: boolean;
}

/** What documents are listed under. Of a user: created by or linked to them. Of a group: linked to it. */
export type ParentKind = 'user' | 'group';

export interface Parents {
  readonly kind: ParentKind;
  readonly ids: readonly string[];
}

/** A document, and its values at the keys of the order that are no columns. */
export interface ListedRow {
  readonly document: DocumentModel;
  readonly place: Place;
}

type Row = DocumentModel & { readonly place: Place };

/** One more than the page wants, in the direction of reading. */
export async function listDocumentRows(reads: SlowReads, listing: DocumentListing): Promise<ListedRow[]> {
  return (await reads.$queryRaw<Row[]>(pageSql(listing))).map(listed);
}

/** The statement of a page. */
export function pageSql(listing: DocumentListing): Sql {
  return rowsSql(listing, accessScans(listing.visible, listing.manyGroups));
}

export async function countDocuments(reads: SlowReads, selection: SelectedDocuments): Promise<number> {
  const [row] = await reads.$queryRaw<{ count: number }[]>(Prisma.sql`
    SELECT count(*)::int AS count FROM data.documents d WHERE ${selectedSql(selection)}`);
  return row?.count ?? 0;
}

const belongsTo: Readonly<Record<ParentKind, Sql>> = {
  user: Prisma.sql`(d.creator_id = parent.id OR d.user_ids @> ARRAY[parent.id])`,
  group: Prisma.sql`d.group_ids @> ARRAY[parent.id]`,
};

/** The same page under each parent, in one statement. */
export async function listDocumentRowsUnder(
  reads: SlowReads,
  parents: Parents,
  listing: DocumentListing,
): Promise<ReadonlyMap<string, ListedRow[]>> {
  const where = Prisma.sql`${belongsTo[parents.kind]} AND ${toSql(listing.visible, documentColumns)}`;
  const rows = await reads.$queryRaw<(Row & { parentId: string; rank: number })[]>(Prisma.sql`
    SELECT parent.id AS "parentId", page.* FROM unnest(${parents.ids}::uuid[]) AS parent(id)
    CROSS JOIN LATERAL (
      SELECT found.*, row_number() OVER ()::int AS rank FROM (${rowsSql(listing, [{ where }])}) AS found
    ) AS page
    ORDER BY parent.id, page.rank`);
  const pages = new Map<string, ListedRow[]>(parents.ids.map((id) => [id, []]));
  for (const { parentId, rank: _, ...row } of rows) pages.get(parentId)?.push(listed(row));
  return pages;
}

export async function countDocumentsUnder(
  reads: SlowReads,
  parents: Parents,
  selection: SelectedDocuments,
): Promise<ReadonlyMap<string, number>> {
  const rows = await reads.$queryRaw<{ parentId: string; count: number }[]>(Prisma.sql`
    SELECT parent.id AS "parentId", count(*)::int AS count
    FROM unnest(${parents.ids}::uuid[]) AS parent(id)
    JOIN data.documents d ON ${belongsTo[parents.kind]} AND ${selectedSql(selection)}
    GROUP BY parent.id`);
  return new Map(rows.map(({ parentId, count }) => [parentId, count]));
}

/** The condition on documents `d` that selects them. */
export function selectedSql({ visible, filter }: SelectedDocuments): Sql {
  return Prisma.sql`${toSql(visible, documentColumns)} AND ${filterSql(filter)}`;
}

/** The rows of the page. Parts are read one after the other, and only as far as the page reaches. */
function rowsSql(listing: DocumentListing, scans: readonly AccessScan[]): Sql {
  const { page, order, offset } = listing;
  const most = page.limit + 1;
  const limits = Prisma.sql`LIMIT ${most} OFFSET ${offset}`;
  const parts = listParts(page, order, listing.filter);
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return partSql(listing, { part: first, scans, limits });
  const each = Prisma.sql`LIMIT ${most + offset}`;
  const rows = parts.map((part) => Prisma.sql`(${partSql(listing, { part, scans, limits: each })})`);
  // Nothing sorts these rows again, so that parts behind a full page are not read: PostgreSQL gives the rows of a UNION
  // ALL one input after the other. Only a parallel plan would mix them, and a part with a LIMIT is never read in parallel.
  return Prisma.sql`${Prisma.join(rows, ' UNION ALL ')} ${limits}`;
}

interface PartRows {
  readonly part: ListPart;
  readonly scans: readonly AccessScan[];
  readonly limits: Sql;
}

/** The first rows of a part: those of its one scan, or the first of what each of its scans gives. */
function partSql(listing: DocumentListing, { part, scans, limits }: PartRows): Sql {
  const [only] = scans;
  if (only !== undefined && scans.length === 1) {
    const place = Prisma.sql`${placeSql(listing.order, ({ field }) => fieldSql(field))} AS place`;
    return scanSql(listing, { part, scan: only, limits, also: [place] });
  }
  const most = Prisma.sql`LIMIT ${listing.page.limit + 1 + listing.offset}`;
  const sorted = part.order.map(({ value }, index) => Prisma.sql`${value} AS ${orderName(index)}`);
  const rows = scans.map((scan) => Prisma.sql`(${scanSql(listing, { part, scan, limits: most, also: sorted })})`);
  const orderBy = part.order.map(({ direction }, index) => Prisma.sql`found.${orderName(index)} ${direction}`);
  // A part is sorted by all keys of the order, so what the place is made of is there already.
  const place = placeSql(listing.order, (_, index) => Prisma.sql`found.${orderName(index)}`);
  return Prisma.sql`
    SELECT ${foundNames}, ${place} AS place
    FROM (${Prisma.join(rows, ' UNION ALL ')}) AS found ORDER BY ${Prisma.join(orderBy)} ${limits}`;
}

interface ScanRows {
  readonly part: ListPart;
  readonly scan: AccessScan;
  readonly limits: Sql;
  /** What is selected besides the document: its place, or what the rows of several scans are sorted by. */
  readonly also: readonly Sql[];
}

function scanSql(listing: DocumentListing, { part, scan, limits, also }: ScanRows): Sql {
  const orderBy = part.order.map(({ value, direction }) => Prisma.sql`${value} ${direction}`);
  const rows = Prisma.sql`
    SELECT ${Prisma.join([documentSelection(listing), ...also])}
    FROM data.documents d
    WHERE ${scan.where} AND ${filterSql(listing.filter)} AND ${part.where} ORDER BY ${Prisma.join(orderBy)} ${limits}`;
  if (scan.groups === undefined) return rows;
  return Prisma.sql`SELECT each.* FROM unnest(${scan.groups}::uuid[]) AS grp(id) CROSS JOIN LATERAL (${rows}) AS each`;
}

const orderName = (index: number) => Prisma.raw(`"order${index}"`);
const foundNames = Prisma.raw(
  Object.keys(documentColumns)
    .map((name) => `found."${name}"`)
    .join(', '),
);

function listed({ place, ...document }: Row): ListedRow {
  return { document, place };
}
