// The applications, by name unless told. What only VIEW_APPLICATIONS shows of one, no filter and no order tells.
import { toWhere } from '../../../platform/access/condition-where.ts';
import type {
  Combined,
  DateTimeFilter,
  IdFilter,
  Maybe,
  StringFilter,
} from '../../../platform/filters/prisma-filters.ts';
import { booleanWhere, dateTimeWhere, idWhere, stringWhere } from '../../../platform/filters/prisma-filters.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import type { ListArguments, NamedField } from '../../../platform/paging/list-arguments.ts';
import { namedFields, sortBy } from '../../../platform/paging/list-arguments.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { ApplicationModel } from '../models.ts';
import { applicationRows } from './store.ts';
import { visibleApplication } from './visible-application.ts';

export interface ApplicationFilter extends Combined<ApplicationFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly type?: Maybe<ApplicationModel['type']>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

const byName = { field: 'name', direction: 'asc' } as const;

export async function listApplications(
  { db }: AuthDatabase,
  identity: Identity,
  args: ListArguments<ApplicationFilter, NamedField>,
): Promise<Connection<ApplicationModel>> {
  const filter = booleanWhere(args.filter, 'filter', (parts: ApplicationFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...stringWhere('name', parts.name, `${path}.name`),
    ...(typeof parts.type === 'string' ? [{ type: parts.type }] : []),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ]);
  const where = { AND: [toWhere(visibleApplication(identity)), filter] };
  return listRows(db, applicationRows, { args, sort: sortBy(namedFields, args.orderBy, byName), where });
}
