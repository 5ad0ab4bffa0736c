// The tokens of OAuth 1 and SSO tokens that the viewer may see; newest first unless told.
import { related } from '../../../platform/access/condition.ts';
import { toWhere } from '../../../platform/access/condition-where.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { OAuth1TokenModel, SsoTokenModel } from '../models.ts';
import { type AuthorizationListArguments, authorizationListing, ownOr, ownRow, sessionOfRow } from '../owned-rows.ts';
import type { Viewer } from '../sessions/list-sessions.ts';
import { oauth1TokenRows, ssoTokenRows } from './store.ts';

/** Those whose session has not ended. */
export async function listTokens(
  { db }: AuthDatabase,
  { identity }: Viewer,
  args: AuthorizationListArguments,
): Promise<Connection<OAuth1TokenModel>> {
  const own = toWhere(related('session', ownOr(identity, 'VIEW_AUTHORIZATIONS')));
  const visible = { AND: [{ session: { endedAt: null } }, own] };
  return listRows(db, oauth1TokenRows, authorizationListing(args, visible, sessionOfRow));
}

/** Those that were neither consumed nor have expired. */
export async function listSsoTokens(
  { db }: AuthDatabase,
  { identity, now }: Viewer,
  args: AuthorizationListArguments,
): Promise<Connection<SsoTokenModel>> {
  const visible = { AND: [{ expiresAt: { gt: new Date(now) } }, toWhere(ownOr(identity, 'VIEW_AUTHORIZATIONS'))] };
  return listRows(db, ssoTokenRows, authorizationListing(args, visible, ownRow));
}
