// Pages of document schemas: those that are open, and for who administers them also those that are disabled.
import type { DocumentSchemaFilter, DocumentSchemaOrder } from '../../../generated/resolvers/data.ts';
import type { Where } from '../../../platform/access/condition-where.ts';
import { booleanWhere, dateTimeWhere, idWhere, stringWhere } from '../../../platform/filters/prisma-filters.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { namedFields, sortBy } from '../../../platform/paging/list-arguments.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { PageArguments } from '../../../platform/paging/page.ts';
import type { DocumentSchemaConnectionModel } from '../models.ts';
import type { SchemaDb } from './change-schema.ts';
import { schemaRows } from './store.ts';
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
  const where = { AND: [listedSchemas(identity), booleanWhere(args.filter, 'filter', filterParts)] };
  return listRows(db, schemaRows, { args, sort: sortBy(namedFields, args.orderBy), where });
}

function filterParts({ id, name, disabled, createdAt }: DocumentSchemaFilter, path: string): Where[] {
  return [
    ...idWhere('id', id, `${path}.id`),
    ...stringWhere('name', name, `${path}.name`),
    ...(disabled == null ? [] : [{ disabled }]),
    ...dateTimeWhere('createdAt', createdAt),
  ];
}
