// The list of groups: those that the viewer may see, filtered, sorted and paged.

import { toWhere, type Where } from '../../platform/access/condition-where.ts';
import type { Combined, DateTimeFilter, IdFilter, Maybe, StringFilter } from '../../platform/filters/prisma-filters.ts';
import { booleanWhere, dateTimeWhere, idWhere, stringWhere } from '../../platform/filters/prisma-filters.ts';
import type { ListArguments, NamedField } from '../../platform/paging/list-arguments.ts';
import { namedFields, sortBy } from '../../platform/paging/list-arguments.ts';
import { listRows } from '../../platform/paging/list-rows.ts';
import type { Connection } from '../../platform/paging/page.ts';
import { groupRows } from './group-store.ts';
import type { GroupModel } from './models.ts';
import type { UsersDatabase } from './store.ts';
import { type Viewer, visibleGroup } from './visible.ts';

export interface GroupFilter extends Combined<GroupFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

export function listGroups(
  database: UsersDatabase,
  viewer: Viewer,
  args: ListArguments<GroupFilter, NamedField>,
): Promise<Connection<GroupModel>> {
  const where = { AND: [toWhere(visibleGroup(viewer)), groupWhere(args.filter)] };
  return listRows(database.db, groupRows, { args, sort: sortBy(namedFields, args.orderBy), where });
}

/** BAD_USER_INPUT naming the place at fault below `filter`. */
export function groupWhere(filter: Maybe<GroupFilter>): Where {
  return booleanWhere(filter, 'filter', (parts: GroupFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...stringWhere('name', parts.name, `${path}.name`),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ]);
}
