// Lists of providers and of attempts to sign in through them. Who may ask may see all of them.
import type { Where } from '../../../platform/access/condition-where.ts';
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import { forbidden } from '../../../platform/errors.ts';
import type {
  Combined,
  DateTimeFilter,
  IdFilter,
  Maybe,
  StringFilter,
} from '../../../platform/filters/prisma-filters.ts';
import {
  booleanWhere,
  dateTimeWhere,
  idWhere,
  optionalWhere,
  stringWhere,
} from '../../../platform/filters/prisma-filters.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import type { CreatedField, ListArguments, NamedField } from '../../../platform/paging/list-arguments.ts';
import { createdFields, namedFields, sortBy } from '../../../platform/paging/list-arguments.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { OidcLoginAttemptModel, OidcProviderModel } from '../models.ts';
import { attemptRows, providerRows } from './store.ts';

export interface ProviderFilter extends Combined<ProviderFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly enabled?: Maybe<boolean>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

export async function listProviders(
  { db }: AuthDatabase,
  args: ListArguments<ProviderFilter, NamedField>,
): Promise<Connection<OidcProviderModel>> {
  const where = booleanWhere(args.filter, 'filter', (parts: ProviderFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...stringWhere('name', parts.name, `${path}.name`),
    ...(typeof parts.enabled === 'boolean' ? [{ enabled: parts.enabled }] : []),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ]);
  return listRows(db, providerRows, { args, sort: sortBy(namedFields, args.orderBy), where });
}

export interface AttemptFilter extends Combined<AttemptFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly providerId?: Maybe<IdFilter>;
  readonly providerName?: Maybe<StringFilter>;
  readonly userId?: Maybe<IdFilter>;
  readonly status?: Maybe<OidcLoginAttemptModel['status']>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

/** FORBIDDEN to who asks by provider and may not see providers. */
export async function listAttempts(
  { db }: AuthDatabase,
  identity: Identity,
  args: ListArguments<AttemptFilter, CreatedField>,
): Promise<Connection<OidcLoginAttemptModel>> {
  const where = booleanWhere(args.filter, 'filter', (parts: AttemptFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...providerWhere(identity, parts.providerId, `${path}.providerId`),
    ...stringWhere('providerName', parts.providerName, `${path}.providerName`),
    ...optionalWhere(parts.userId, { userId: null }, (given) => idWhere('userId', given, `${path}.userId`)),
    ...(typeof parts.status === 'string' ? [{ status: parts.status }] : []),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ]);
  return listRows(db, attemptRows, { args, sort: sortBy(createdFields, args.orderBy), where });
}

/** Which provider an attempt was through is for who sees providers: a filter would tell as much as the field. */
function providerWhere(identity: Identity, filter: Maybe<IdFilter>, path: string): Where[] {
  if (filter !== null && filter !== undefined && !holdsEverywhere(identity, 'VIEW_OIDC_PROVIDERS')) {
    throw forbidden('VIEW_OIDC_PROVIDERS', `for ${path}`);
  }
  return idWhere('providerId', filter, path);
}
