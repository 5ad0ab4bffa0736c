// The list of roles: those that the viewer may see, filtered, sorted and paged.

import { toWhere, type Where } from '../../../platform/access/condition-where.ts';
import type { Combined, IdFilter, Maybe, StringFilter } from '../../../platform/filters/prisma-filters.ts';
import { booleanWhere, idWhere, optionalWhere, stringWhere } from '../../../platform/filters/prisma-filters.ts';
import type { ListArguments, NamedField } from '../../../platform/paging/list-arguments.ts';
import { namedFields, sortBy } from '../../../platform/paging/list-arguments.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { RoleModel } from '../models.ts';
import type { UsersDatabase } from '../store.ts';
import { type Viewer, visibleRole } from '../visible.ts';
import { roleRows } from './store.ts';

export interface RoleFilter extends Combined<RoleFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly groupId?: Maybe<IdFilter>;
  readonly global?: Maybe<boolean>;
}

export function listRoles(
  database: UsersDatabase,
  viewer: Viewer,
  args: ListArguments<RoleFilter, NamedField>,
): Promise<Connection<RoleModel>> {
  const filter = booleanWhere(args.filter, 'filter', (parts: RoleFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...stringWhere('name', parts.name, `${path}.name`),
    ...optionalWhere(parts.groupId, { groupId: null }, (given) => idWhere('groupId', given, `${path}.groupId`)),
    ...globalWhere(parts.global),
  ]);
  const where = { AND: [toWhere(visibleRole(viewer)), filter] };
  return listRows(database.db, roleRows, { args, sort: sortBy(namedFields, args.orderBy), where });
}

function globalWhere(global: Maybe<boolean>): Where[] {
  if (global === null || global === undefined) return [];
  return [global ? { groupId: null } : { groupId: { not: null } }];
}
