// Lists of users, groups and roles: those that the viewer may see, filtered, sorted and paged.
import { all, type Condition, isIn, some } from '../../platform/access/condition.ts';
import { toWhere, type Where } from '../../platform/access/condition-where.ts';
import { invalidInput } from '../../platform/errors.ts';
import type { DateTimeFilter, IdFilter, StringFilter } from '../../platform/filters/prisma-filters.ts';
import { booleanWhere, dateTimeWhere, idWhere, stringWhere } from '../../platform/filters/prisma-filters.ts';
import type { Connection, PageArguments, PageRequest } from '../../platform/paging/page.ts';
import { connection, pageRequest } from '../../platform/paging/page.ts';
import type { Sort } from '../../platform/paging/prisma-page.ts';
import { byCreation, prismaPage, sortName } from '../../platform/paging/prisma-page.ts';
import type { GroupModel, RoleModel, UserModel } from './models.ts';
import type { Rows, UsersDatabase } from './store.ts';
import { groupRows, roleRows, userRows } from './store.ts';
import type { Viewer } from './visible.ts';
import { visibleGroup, visiblePatientEnlistment, visibleRole, visibleStaffEnlistment, visibleUser } from './visible.ts';

type Maybe<T> = T | null | undefined;
type Combined<F> = { readonly and?: Maybe<readonly F[]>; readonly or?: Maybe<readonly F[]>; readonly not?: Maybe<F> };

interface Order<Field extends string> {
  readonly field: Field;
  /** Upwards unless told. */
  readonly direction?: 'ASC' | 'DESC';
}

interface ListArguments<Filter, Field extends string> extends PageArguments {
  readonly filter?: Maybe<Filter>;
  readonly orderBy?: Maybe<Order<Field>>;
}

export interface UserFilter extends Combined<UserFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly email?: Maybe<StringFilter>;
  readonly firstName?: Maybe<StringFilter>;
  readonly lastName?: Maybe<StringFilter>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

export interface GroupFilter extends Combined<GroupFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

export interface RoleFilter extends Combined<RoleFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly groupId?: Maybe<IdFilter>;
  readonly global?: Maybe<boolean>;
}

/** Ids grow with time: they sort by creation. */
const userFields = { CREATED_AT: 'id', EMAIL: 'email', LAST_NAME: 'lastName' } as const;
const namedFields = { CREATED_AT: 'id', NAME: 'name' } as const;

export function listUsers(
  database: UsersDatabase,
  viewer: Viewer,
  args: ListArguments<UserFilter, keyof typeof userFields>,
): Promise<Connection<UserModel>> {
  const filter = booleanWhere(args.filter, 'filter', (parts: UserFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...stringWhere('email', parts.email, `${path}.email`),
    ...stringWhere('firstName', parts.firstName, `${path}.firstName`),
    ...stringWhere('lastName', parts.lastName, `${path}.lastName`),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ]);
  const where = { AND: [toWhere(visibleUser(viewer)), filter] };
  return listPage(database, userRows, { args, sort: sortBy(userFields, args.orderBy), where });
}

export function listGroups(
  database: UsersDatabase,
  viewer: Viewer,
  args: ListArguments<GroupFilter, keyof typeof namedFields>,
): Promise<Connection<GroupModel>> {
  const filter = booleanWhere(args.filter, 'filter', (parts: GroupFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...stringWhere('name', parts.name, `${path}.name`),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ]);
  const where = { AND: [toWhere(visibleGroup(viewer)), filter] };
  return listPage(database, groupRows, { args, sort: sortBy(namedFields, args.orderBy), where });
}

export function listRoles(
  database: UsersDatabase,
  viewer: Viewer,
  args: ListArguments<RoleFilter, keyof typeof namedFields>,
): Promise<Connection<RoleModel>> {
  const filter = booleanWhere(args.filter, 'filter', (parts: RoleFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...stringWhere('name', parts.name, `${path}.name`),
    ...idWhere('groupId', parts.groupId, `${path}.groupId`),
    ...globalWhere(parts.global),
  ]);
  const where = { AND: [toWhere(visibleRole(viewer)), filter] };
  return listPage(database, roleRows, { args, sort: sortBy(namedFields, args.orderBy), where });
}

export interface MembersArguments extends PageArguments {
  readonly groupId: string;
}

/** The staff of a group whose enlistment there the viewer sees: seeing the person by another way does not count. */
export function listStaff(
  database: UsersDatabase,
  viewer: Viewer,
  args: MembersArguments,
): Promise<Connection<UserModel>> {
  return listMembers(database, args, some('staffEnlistments', inGroup(args.groupId, visibleStaffEnlistment(viewer))));
}

/** The patients of a group whose enlistment there the viewer sees: that a colleague is a patient stays hidden. */
export function listPatients(
  database: UsersDatabase,
  viewer: Viewer,
  args: MembersArguments,
): Promise<Connection<UserModel>> {
  return listMembers(
    database,
    args,
    some('patientEnlistments', inGroup(args.groupId, visiblePatientEnlistment(viewer))),
  );
}

function listMembers(database: UsersDatabase, args: PageArguments, member: Condition): Promise<Connection<UserModel>> {
  return listPage(database, userRows, { args, sort: byCreation, where: toWhere(member) });
}

function inGroup(groupId: string, visible: Condition): Condition {
  return all(isIn('groupId', [groupId]), visible);
}

function globalWhere(global: Maybe<boolean>): Where[] {
  if (global === null || global === undefined) return [];
  return [global ? { groupId: null } : { groupId: { not: null } }];
}

function sortBy<Field extends string>(fields: Readonly<Record<Field, string>>, order: Maybe<Order<Field>>): Sort {
  if (order === null || order === undefined) return byCreation;
  return { field: fields[order.field], direction: order.direction === 'DESC' ? 'desc' : 'asc' };
}

interface Listing {
  readonly args: PageArguments;
  readonly sort: Sort;
  readonly where: Where;
}

async function listPage<Row extends { readonly id: string }>(
  { db }: UsersDatabase,
  rows: Rows<Row>,
  { args, sort, where }: Listing,
): Promise<Connection<Row>> {
  const request = pageRequest(args, sortName(sort));
  requireTextKeys(request, sort);
  const found = await rows.find(db, prismaPage(request, sort, where));
  // `id` needs no key beside itself.
  const key = (row: Row) => (sort.field === 'id' ? null : (row[sort.field as keyof Row] as string));
  return connection(
    request,
    found,
    (row) => ({ key: key(row), id: row.id }),
    () => rows.count(db, where),
  );
}

/** A forged cursor can hold any key; the columns that these lists sort by are text. */
function requireTextKeys({ after, before }: PageRequest, sort: Sort): void {
  if (sort.field === 'id') return;
  for (const [name, cursor] of Object.entries({ after, before })) {
    if (cursor !== undefined && typeof cursor.key !== 'string')
      throw invalidInput(name, 'this is not a cursor of this list.');
  }
}
