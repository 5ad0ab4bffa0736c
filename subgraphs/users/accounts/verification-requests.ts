// Open requests, as administrators see them, and how they forget one. What a mail held is never among it.
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { type Connection, connection, type PageArguments, pageRequest } from '../../../platform/paging/page.ts';
import { byCreation, prismaPage, sortName } from '../../../platform/paging/prisma-page.ts';
import type { VerificationRequestModel } from '../models.ts';
import type { UsersDatabase } from '../store.ts';
import { countRequests, deleteRequest, findRequestById, findRequests } from './request-store.ts';
import { lockAccount } from './store.ts';
import type { Purpose } from './verification-rules.ts';

export interface VerificationRequestsArguments extends PageArguments {
  readonly userId?: string | null;
}

/** Newest first. */
export async function listVerificationRequests(
  { db }: UsersDatabase,
  purpose: Purpose,
  args: VerificationRequestsArguments,
): Promise<Connection<VerificationRequestModel>> {
  const request = pageRequest(args, sortName(byCreation));
  const where = { purpose, ...(args.userId == null ? {} : { userId: requireId(args.userId, 'userId') }) };
  const rows = await findRequests(db, prismaPage(request, byCreation, where));
  return connection(
    request,
    rows,
    ({ id }) => ({ key: null, id }),
    () => countRequests(db, where),
  );
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
