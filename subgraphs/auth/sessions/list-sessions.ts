// The open sessions that the viewer may see.
import { toWhere } from '../../../platform/access/condition-where.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { SessionModel } from '../models.ts';
import { type AuthorizationListArguments, authorizationListing, ownOr, ownSession } from '../owned-rows.ts';
import { openSessions, sessionRows } from './store.ts';

export interface Viewer {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Newest first unless told. */
export async function listSessions(
  { db }: AuthDatabase,
  { identity, now }: Viewer,
  args: AuthorizationListArguments,
): Promise<Connection<SessionModel>> {
  const visible = { AND: [openSessions(new Date(now)), toWhere(ownOr(identity, 'VIEW_AUTHORIZATIONS'))] };
  return listRows(db, sessionRows, authorizationListing(args, visible, ownSession));
}
