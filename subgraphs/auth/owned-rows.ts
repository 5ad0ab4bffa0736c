// What sessions, tokens and codes share: rows that belong to a user and an application.
import { always, type Condition, equals } from '../../platform/access/condition.ts';
import type { Where } from '../../platform/access/condition-where.ts';
import type { Permission } from '../../platform/access/permissions.ts';
import { holdsEverywhere } from '../../platform/access/scope.ts';
import type { Combined, DateTimeFilter, IdFilter, Maybe } from '../../platform/filters/prisma-filters.ts';
import { booleanWhere, dateTimeWhere, idWhere, optionalWhere } from '../../platform/filters/prisma-filters.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import type { CreatedField, ListArguments } from '../../platform/paging/list-arguments.ts';
import { createdFields, sortBy } from '../../platform/paging/list-arguments.ts';
import type { Listing } from '../../platform/paging/list-rows.ts';

/** Who sees or revokes them: each user their own, and who holds one of the permissions all. On rows with `userId`. */
export function ownOr(identity: Identity, ...permissions: readonly Permission[]): Condition {
  return holdsEverywhere(identity, ...permissions) ? always : equals('userId', identity.userId);
}

export interface AuthorizationFilter extends Combined<AuthorizationFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly userId?: Maybe<IdFilter>;
  readonly applicationId?: Maybe<IdFilter>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

/** The arguments of the lists of sessions, tokens and codes. */
export type AuthorizationListArguments = ListArguments<AuthorizationFilter, CreatedField>;

/** Where the user and the application of a row stand. */
export type Owner = (filter: AuthorizationFilter, path: string) => Where[];

/** In the row, always both. */
export const ownRow: Owner = ({ userId, applicationId }, path) => [
  ...idWhere('userId', userId, `${path}.userId`),
  ...idWhere('applicationId', applicationId, `${path}.applicationId`),
];

/** In a session: one that was started over the API itself is of no application. */
export const ownSession: Owner = ({ userId, applicationId }, path) => [
  ...idWhere('userId', userId, `${path}.userId`),
  ...optionalWhere(applicationId, { applicationId: null }, (given) =>
    idWhere('applicationId', given, `${path}.applicationId`),
  ),
];

/** In the session of the row. */
export const sessionOfRow: Owner = (filter, path) =>
  ownSession(filter, path).map((part) => ({ session: { is: part } }));

/** What of the rows that are visible is listed. */
export function authorizationListing(args: AuthorizationListArguments, visible: Where, owner: Owner): Listing {
  const filter = booleanWhere(args.filter, 'filter', (parts: AuthorizationFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...owner(parts, path),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ]);
  return { args, sort: sortBy(createdFields, args.orderBy), where: { AND: [visible, filter] } };
}
