// Lists of users: all that the viewer sees, the patients, the staff; filtered, sorted and paged.

import { all, always, type Condition, isIn, some } from '../../platform/access/condition.ts';
import { toWhere, type Where } from '../../platform/access/condition-where.ts';
import { holdsEverywhere } from '../../platform/access/scope.ts';
import { forbidden } from '../../platform/errors.ts';
import type { Combined, DateTimeFilter, IdFilter, Maybe, StringFilter } from '../../platform/filters/prisma-filters.ts';
import {
  booleanWhere,
  dateTimeWhere,
  idWhere,
  optionalWhere,
  stringWhere,
} from '../../platform/filters/prisma-filters.ts';
import { requireId } from '../../platform/ids.ts';
import { type ListArguments, sortBy } from '../../platform/paging/list-arguments.ts';
import { listRows } from '../../platform/paging/list-rows.ts';
import type { Connection, PageArguments } from '../../platform/paging/page.ts';
import type { UserModel } from './models.ts';
import { type UsersDatabase, userRows } from './store.ts';
import type { Viewer } from './visible.ts';
import {
  listedPatientEnlistment,
  listedStaffEnlistment,
  visiblePatientEnlistment,
  visibleStaffEnlistment,
  visibleUser,
} from './visible.ts';

export interface UserFilter extends Combined<UserFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly email?: Maybe<StringFilter>;
  readonly firstName?: Maybe<StringFilter>;
  readonly lastName?: Maybe<StringFilter>;
  readonly phoneNumber?: Maybe<StringFilter>;
  readonly language?: Maybe<StringFilter>;
  readonly activation?: Maybe<boolean>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

/** Ids grow with time: they sort by creation. */
const userFields = { CREATED_AT: 'id', EMAIL: 'email', LAST_NAME: 'lastName' } as const;

export type UserListArguments = ListArguments<UserFilter, keyof typeof userFields>;

export interface MemberListArguments extends UserListArguments {
  readonly groupId?: Maybe<string>;
}

export function listUsers(
  database: UsersDatabase,
  viewer: Viewer,
  args: UserListArguments,
): Promise<Connection<UserModel>> {
  return listAmong(database, visibleUser(viewer), args);
}

/** FORBIDDEN to who is staff nowhere and sees no patients by permission. */
export function listPatients(
  database: UsersDatabase,
  viewer: Viewer,
  args: MemberListArguments,
): Promise<Connection<UserModel>> {
  requireStaffOr(viewer, 'VIEW_PATIENTS');
  const enlisted = all(inGroup(args.groupId), listedPatientEnlistment(viewer));
  return listAmong(database, some('patientEnlistments', enlisted), args);
}

/** FORBIDDEN to who is staff nowhere and sees no staff by permission. */
export function listStaff(
  database: UsersDatabase,
  viewer: Viewer,
  args: MemberListArguments,
): Promise<Connection<UserModel>> {
  requireStaffOr(viewer, 'VIEW_STAFF');
  const enlisted = all(inGroup(args.groupId), listedStaffEnlistment(viewer));
  return listAmong(database, some('staffEnlistments', enlisted), args);
}

export interface GroupMembersArguments extends PageArguments {
  readonly groupId: string;
}

/** The staff of a group whose enlistment there the viewer sees: seeing the person by another way does not count. */
export function listStaffOfGroup(
  database: UsersDatabase,
  viewer: Viewer,
  { groupId, ...args }: GroupMembersArguments,
): Promise<Connection<UserModel>> {
  const enlisted = all(isIn('groupId', [groupId]), visibleStaffEnlistment(viewer));
  return listAmong(database, some('staffEnlistments', enlisted), args);
}

/** The patients of a group whose enlistment there the viewer sees: that a colleague is a patient stays hidden. */
export function listPatientsOfGroup(
  database: UsersDatabase,
  viewer: Viewer,
  { groupId, ...args }: GroupMembersArguments,
): Promise<Connection<UserModel>> {
  const enlisted = all(isIn('groupId', [groupId]), visiblePatientEnlistment(viewer));
  return listAmong(database, some('patientEnlistments', enlisted), args);
}

function listAmong(database: UsersDatabase, among: Condition, args: UserListArguments): Promise<Connection<UserModel>> {
  return listRows(database.db, userRows, {
    args,
    sort: sortBy(userFields, args.orderBy),
    where: { AND: [toWhere(among), userWhere(args.filter)] },
  });
}

/** BAD_USER_INPUT naming the place at fault below `filter`. */
export function userWhere(filter: Maybe<UserFilter>): Where {
  return booleanWhere(filter, 'filter', filterParts);
}

function filterParts(parts: UserFilter, path: string): Where[] {
  return [
    ...idWhere('id', parts.id, `${path}.id`),
    ...stringWhere('email', parts.email, `${path}.email`),
    ...stringWhere('firstName', parts.firstName, `${path}.firstName`),
    ...stringWhere('lastName', parts.lastName, `${path}.lastName`),
    ...phoneNumberWhere(parts.phoneNumber, `${path}.phoneNumber`),
    ...stringWhere('language', parts.language, `${path}.language`),
    ...(typeof parts.activation === 'boolean' ? [{ activation: parts.activation }] : []),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ];
}

function phoneNumberWhere(filter: Maybe<StringFilter>, path: string): Where[] {
  return optionalWhere(filter, { phoneNumber: null }, (given) => stringWhere('phoneNumber', given, path));
}

function inGroup(groupId: Maybe<string>): Condition {
  return typeof groupId === 'string' ? isIn('groupId', [requireId(groupId, 'groupId')]) : always;
}

function requireStaffOr({ identity }: Viewer, permission: 'VIEW_PATIENTS' | 'VIEW_STAFF'): void {
  if (identity.staff.size > 0 || holdsEverywhere(identity, permission, 'VIEW_USER')) return;
  throw forbidden(permission, 'or to be staff of a group');
}
