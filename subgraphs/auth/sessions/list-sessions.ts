// The open sessions that the viewer may see.
import { toWhere } from '../../../platform/access/condition-where.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { SessionModel } from '../models.ts';
import { type OwnedArguments, ownedBy, ownOr } from '../owned-rows.ts';
import { openSessions, sessionRows } from './store.ts';

export interface Viewer {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Newest first. */
export function listSessions(
  { db }: AuthDatabase,
  { identity, now }: Viewer,
  args: OwnedArguments,
): Promise<Connection<SessionModel>> {
  const where = { AND: [openSessions(new Date(now)), toWhere(ownOr(identity, 'VIEW_AUTHORIZATIONS')), ownedBy(args)] };
  return listRows(db, sessionRows, { args, where });
}
