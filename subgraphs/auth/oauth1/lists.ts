// The tokens of OAuth 1 and SSO tokens that the viewer may see.
import { related } from '../../../platform/access/condition.ts';
import { toWhere } from '../../../platform/access/condition-where.ts';
import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { OAuth1TokenModel, SsoTokenModel } from '../models.ts';
import { type OwnedArguments, ownedBy, ownOr } from '../owned-rows.ts';
import type { Viewer } from '../sessions/list-sessions.ts';
import { oauth1TokenRows, ssoTokenRows } from './store.ts';

/** Those whose session has not ended; newest first. */
export function listTokens(
  { db }: AuthDatabase,
  { identity }: Viewer,
  args: OwnedArguments,
): Promise<Connection<OAuth1TokenModel>> {
  const visible = toWhere(related('session', ownOr(identity, 'VIEW_AUTHORIZATIONS')));
  const where = { AND: [{ session: { endedAt: null } }, visible, ownedBy(args, 'its session')] };
  return listRows(db, oauth1TokenRows, { args, where });
}

/** Those that were neither consumed nor have expired; newest first. */
export function listSsoTokens(
  { db }: AuthDatabase,
  { identity, now }: Viewer,
  args: OwnedArguments,
): Promise<Connection<SsoTokenModel>> {
  const where = {
    AND: [{ expiresAt: { gt: new Date(now) } }, toWhere(ownOr(identity, 'VIEW_AUTHORIZATIONS')), ownedBy(args)],
  };
  return listRows(db, ssoTokenRows, { args, where });
}
