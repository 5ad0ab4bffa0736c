// Pages of document schemas: those that are open, and for who administers them also those that are disabled.
import type { DocumentSchemaFilter, DocumentSchemaOrder } from '../../../generated/resolvers/data.ts';
import type { Where } from '../../../platform/access/condition-where.ts';
import { invalidInput } from '../../../platform/errors.ts';
import { booleanWhere, dateTimeWhere, idWhere, stringWhere } from '../../../platform/filters/prisma-filters.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import type { CursorKey, PageArguments, PageRequest } from '../../../platform/paging/page.ts';
import { connection, pageRequest } from '../../../platform/paging/page.ts';
import type { Sort } from '../../../platform/paging/prisma-page.ts';
import { byCreation, prismaPage, sortName } from '../../../platform/paging/prisma-page.ts';
import type { DocumentSchemaConnectionModel, DocumentSchemaModel } from '../models.ts';
import type { SchemaDb } from './change-schema.ts';
import { countSchemas, listSchemaRows } from './store.ts';
import { listedSchemas } from './visible-schema.ts';

export interface SchemaListArguments extends PageArguments {
  readonly filter?: DocumentSchemaFilter | null;
  readonly orderBy?: DocumentSchemaOrder | null;
}

export async function listDocumentSchemas(
  db: SchemaDb,
  identity: Identity,
  args: SchemaListArguments,
): Promise<DocumentSchemaConnectionModel> {
  const sort = sortOf(args.orderBy);
  const page = requireNames(pageRequest(args, sortName(sort)), sort);
  const where: Where = {
    AND: [listedSchemas(identity), booleanWhere(args.filter, 'filter', filterParts)],
  };
  const rows = await listSchemaRows(db, prismaPage(page, sort, where));
  return connection(page, rows, placeIn(sort), () => countSchemas(db, where));
}

function filterParts({ id, name, disabled, createdAt }: DocumentSchemaFilter, path: string): Where[] {
  return [
    ...idWhere('id', id, `${path}.id`),
    ...stringWhere('name', name, `${path}.name`),
    ...(disabled == null ? [] : [{ disabled }]),
    ...dateTimeWhere('createdAt', createdAt),
  ];
}

function sortOf(orderBy: DocumentSchemaOrder | null | undefined): Sort {
  if (!orderBy) return byCreation;
  const direction = orderBy.direction === 'ASC' ? 'asc' : 'desc';
  return { field: orderBy.field === 'NAME' ? 'name' : 'id', direction };
}

function placeIn(sort: Sort): (schema: DocumentSchemaModel) => CursorKey {
  return ({ id, name }) => ({ key: sort.field === 'name' ? name : null, id });
}

/** Clients may make up cursors: the key of one in the order of names is a name. */
function requireNames(page: PageRequest, sort: Sort): PageRequest {
  for (const place of ['after', 'before'] as const) {
    const key = page[place]?.key;
    if (sort.field === 'name' && key !== undefined && typeof key !== 'string') {
      throw invalidInput(place, 'this is not a cursor of this list in this order.');
    }
  }
  return page;
}
