// Pages of documents: of a schema, or of a schema under each of some users or groups.
import type { DocumentFilter, DocumentOrder as OrderInput } from '../../../generated/resolvers/data.ts';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import { invalidInput } from '../../../platform/errors.ts';
import type { Connection, PageArguments } from '../../../platform/paging/page.ts';
import { connection, pageRequest } from '../../../platform/paging/page.ts';
import type { Viewer } from '../access.ts';
import { readable } from '../access.ts';
import type { DocumentConnectionModel, DocumentModel, DocumentSchemaModel } from '../models.ts';
import { cursorOf, readOrder, requirePlaces } from './document-order.ts';
import type { DocumentSelection } from './document-selection-sql.ts';
import { readFilters } from './filter.ts';
import type { DocumentListing, ListedRow, Parents } from './list-store.ts';
import { countDocuments, countDocumentsUnder, listDocumentRows, listDocumentRowsUnder } from './list-store.ts';
import type { RqlQuery } from './rql.ts';
import { readRql } from './rql.ts';

export interface DocumentListArguments extends PageArguments {
  readonly schemaName: string;
  readonly filter?: DocumentFilter | null;
  readonly rql?: string | null;
  readonly orderBy?: readonly OrderInput[] | null;
}

/** What is asked for, ready to be read. */
export interface Listing extends DocumentListing {
  /** Paths in the data to which it is restricted. */
  readonly shown: readonly string[] | undefined;
}

/** What the arguments ask for, within what the viewer may see. BAD_USER_INPUT where they are not valid. */
export function readListing(
  args: DocumentListArguments & DocumentSelection,
  schema: DocumentSchemaModel,
  viewer: Viewer,
): Listing {
  const { properties, defaultLimit, maximumLimit } = schema.definition;
  const rql = typeof args.rql === 'string' ? readRql(args.rql, properties, 'rql') : undefined;
  const order = rql?.order ?? readOrder(args.orderBy, properties);
  const limits = { standard: defaultLimit, most: maximumLimit };
  return {
    visible: readable(viewer, schema),
    filter: readFilters(args.filter, rql?.filter, properties),
    order,
    page: requirePlaces(pageRequest(pageArguments(args, rql), order.name, limits), order),
    offset: rql?.offset ?? 0,
    shown: rql?.select,
    withData: args.withData,
    manyGroups: schema.manyGroups ?? true,
  };
}

/** RQL may say what other arguments say, but not both at once. */
function pageArguments(args: DocumentListArguments, rql: RqlQuery | undefined): PageArguments {
  const refuse = (what: string, argument: string) =>
    invalidInput('rql', `give \`${what}\` or the argument ${argument}, not both.`, { code: 19 });
  if (rql?.order !== undefined && (args.orderBy?.length ?? 0) > 0) throw refuse('sort', 'orderBy');
  if (rql?.limit === undefined) return args;
  for (const name of ['first', 'last'] as const) {
    if (args[name] !== undefined && args[name] !== null) throw refuse('limit', name);
  }
  return { ...args, first: rql.limit };
}

export async function listDocuments(reads: SlowReads, listing: Listing): Promise<DocumentConnectionModel> {
  return asConnection(listing, await listDocumentRows(reads, listing), () => countDocuments(reads, listing));
}

/** The page under each parent, in the order of the ids: one statement for the rows, and one for the counts if asked. */
export async function listDocumentsUnder(
  reads: SlowReads,
  parents: Parents,
  listing: Listing,
): Promise<DocumentConnectionModel[]> {
  const pages = await listDocumentRowsUnder(reads, parents, listing);
  let counts: Promise<ReadonlyMap<string, number>> | undefined;
  return parents.ids.map((id) =>
    asConnection(listing, pages.get(id) ?? [], async () => {
      counts ??= countDocumentsUnder(reads, parents, listing);
      return (await counts).get(id) ?? 0;
    }),
  );
}

function asConnection(
  { page, order, offset, shown }: Listing,
  rows: readonly ListedRow[],
  totalCount: () => Promise<number>,
): DocumentConnectionModel {
  const listed = connection(page, rows, ({ document, place }) => cursorOf(document, place, order), totalCount);
  const nodeOf = ({ document }: ListedRow): DocumentModel => (shown === undefined ? document : { ...document, shown });
  return {
    ...listed,
    nodes: listed.nodes.map(nodeOf),
    edges: listed.edges.map(({ cursor, node }) => ({ cursor, node: nodeOf(node) })),
    pageInfo: { ...listed.pageInfo, hasPreviousPage: hasPrevious(listed, offset) },
  };
}

function hasPrevious({ pageInfo, nodes }: Connection<ListedRow>, offset: number): boolean {
  return pageInfo.hasPreviousPage || (offset > 0 && nodes.length > 0);
}
