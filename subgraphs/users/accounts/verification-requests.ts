// Open requests, as administrators see them, and how they forget one. What a mail held is never among it.
import { related } from '../../../platform/access/condition.ts';
import { toWhere, type Where } from '../../../platform/access/condition-where.ts';
import { notFound } from '../../../platform/errors.ts';
import type { Combined, DateTimeFilter, IdFilter, Maybe } from '../../../platform/filters/prisma-filters.ts';
import { booleanWhere, dateTimeWhere, idWhere, optionalWhere } from '../../../platform/filters/prisma-filters.ts';
import { requireId } from '../../../platform/ids.ts';
import type { CreatedField, ListArguments } from '../../../platform/paging/list-arguments.ts';
import { createdFields, sortBy } from '../../../platform/paging/list-arguments.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { VerificationRequestModel } from '../models.ts';
import type { UsersDatabase } from '../store.ts';
import { type Viewer, visibleUser } from '../visible.ts';
import { deleteRequest, findRequestById, requestRows } from './request-store.ts';
import { lockAccount } from './store.ts';
import type { Purpose } from './verification-rules.ts';

export interface VerificationRequestFilter extends Combined<VerificationRequestFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly userId?: Maybe<IdFilter>;
  readonly expiresAt?: Maybe<DateTimeFilter>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

export interface VerificationRequestListing extends ListArguments<VerificationRequestFilter, CreatedField> {
  readonly purpose: Purpose;
}

/** Newest first unless told. */
export async function listVerificationRequests(
  { db }: UsersDatabase,
  viewer: Viewer,
  { purpose, ...args }: VerificationRequestListing,
): Promise<Connection<VerificationRequestModel>> {
  const filter = booleanWhere(args.filter, 'filter', (parts: VerificationRequestFilter, path) => [
    ...idWhere('id', parts.id, `${path}.id`),
    ...userWhere(viewer, parts.userId, `${path}.userId`),
    ...dateTimeWhere('expiresAt', parts.expiresAt),
    ...dateTimeWhere('createdAt', parts.createdAt),
  ]);
  return listRows(db, requestRows, {
    args,
    sort: sortBy(createdFields, args.orderBy),
    where: { AND: [{ purpose }, filter] },
  });
}

/** Whose request it is, is for who sees that user: to anybody else it is nobody's, in a filter as in the field. */
function userWhere(viewer: Viewer, filter: Maybe<IdFilter>, path: string): Where[] {
  const hidden = { NOT: toWhere(related('user', visibleUser(viewer))) };
  return optionalWhere(filter, hidden, (given) => idWhere('userId', given, path));
}

const deletedEvents = {
  activation: 'activation_request_deleted',
  password_reset: 'password_reset_request_deleted',
} as const;

/** The id that it had. With it go its mail's secret and the counting, so that its user can ask anew. */
export async function deleteVerificationRequest(
  database: UsersDatabase,
  purpose: Purpose,
  given: string,
): Promise<string> {
  const id = requireId(given, 'input.id');
  await database.write(async (tx) => {
    const found = await findRequestById(tx.db, id);
    if (found !== null) await lockAccount(tx.db, { id: found.userId });
    // Again, now that nobody can replace it.
    const request = found && (await findRequestById(tx.db, id));
    if (request?.purpose !== purpose) throw notFound('Request', 'input.id');
    await deleteRequest(tx.db, request.userId, purpose);
    tx.publish({ type: deletedEvents[purpose], content: { userId: request.userId } });
  });
  return id;
}
