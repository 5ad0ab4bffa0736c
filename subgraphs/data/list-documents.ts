// Pages of documents: of a schema, or of a schema under each of some users or groups.
import type { DocumentFilter, DocumentOrder as OrderInput } from '../../generated/resolvers/data.ts';
import type { PageArguments } from '../../platform/paging/page.ts';
import { connection, pageRequest } from '../../platform/paging/page.ts';
import type { Viewer } from './access.ts';
import { readable } from './access.ts';
import { placeOf, readOrder, requirePlaces } from './document-order.ts';
import type { Db, DocumentListing, ParentKind } from './document-store.ts';
import { countDocuments, countDocumentsUnder, listDocumentRows, listDocumentRowsUnder } from './document-store.ts';
import { readFilter } from './filter.ts';
import { always } from './filter-node.ts';
import type { DocumentConnectionModel, DocumentModel, DocumentSchemaModel } from './models.ts';

export interface DocumentListArguments extends PageArguments {
  readonly schemaName: string;
  readonly filter?: DocumentFilter | null;
  readonly orderBy?: OrderInput | null;
}

/** What the arguments ask for, within what the viewer may see. BAD_USER_INPUT where they are not valid. */
export function readListing(args: DocumentListArguments, schema: DocumentSchemaModel, viewer: Viewer): DocumentListing {
  const { properties, defaultLimit, maximumLimit } = schema.definition;
  const order = readOrder(args.orderBy, properties);
  return {
    visible: readable(viewer, schema),
    filter: args.filter ? readFilter(args.filter, properties, 'filter') : always,
    order,
    page: requirePlaces(pageRequest(args, order.name, { standard: defaultLimit, most: maximumLimit }), order),
  };
}

export async function listDocuments(db: Db, listing: DocumentListing): Promise<DocumentConnectionModel> {
  return asConnection(listing, await listDocumentRows(db, listing), () => countDocuments(db, listing));
}

/** The page under each parent, in the order of the ids: one statement for the rows, and one for the counts if asked. */
export async function listDocumentsUnder(
  db: Db,
  parents: { readonly kind: ParentKind; readonly ids: readonly string[] },
  listing: DocumentListing,
): Promise<DocumentConnectionModel[]> {
  const pages = await listDocumentRowsUnder(db, parents, listing);
  let counts: Promise<ReadonlyMap<string, number>> | undefined;
  return parents.ids.map((id) =>
    asConnection(listing, pages.get(id) ?? [], async () => {
      counts ??= countDocumentsUnder(db, parents, listing);
      return (await counts).get(id) ?? 0;
    }),
  );
}

function asConnection(
  { page, order }: DocumentListing,
  rows: readonly DocumentModel[],
  totalCount: () => Promise<number>,
): DocumentConnectionModel {
  return connection(page, rows, (document) => placeOf(document, order), totalCount);
}
