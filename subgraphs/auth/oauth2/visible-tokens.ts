// Who sees and who revokes codes and tokens of OAuth 2: each user their own, and who holds the permission all of them.
// Only what is still good for something is there at all.
import { type Condition, related } from '../../../platform/access/condition.ts';
import { toWhere, type Where } from '../../../platform/access/condition-where.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { ownOr } from '../owned-rows.ts';

export interface Viewer {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function visibleCodes(viewer: Viewer): Where {
  return goodCodes(viewer, ownOr(viewer.identity, 'VIEW_AUTHORIZATIONS'));
}

export function deletableCodes(viewer: Viewer): Where {
  return goodCodes(viewer, ownOr(viewer.identity, 'DELETE_AUTHORIZATIONS'));
}

export function visibleAccessTokens(viewer: Viewer): Where {
  return goodTokens(viewer, ownOr(viewer.identity, 'VIEW_AUTHORIZATIONS'));
}

export function deletableAccessTokens(viewer: Viewer): Where {
  return goodTokens(viewer, ownOr(viewer.identity, 'DELETE_AUTHORIZATIONS'));
}

export function visibleRefreshTokens(viewer: Viewer): Where {
  const rule = ownOr(viewer.identity, 'VIEW_OAUTH2_REFRESH_TOKENS', 'VIEW_AUTHORIZATIONS');
  return { AND: [goodTokens(viewer, rule), { usedAt: null }] };
}

export function deletableRefreshTokens(viewer: Viewer): Where {
  const rule = ownOr(viewer.identity, 'DELETE_OAUTH2_REFRESH_TOKEN', 'DELETE_AUTHORIZATIONS');
  return { AND: [goodTokens(viewer, rule), { usedAt: null }] };
}

/** Not redeemed, not expired. */
function goodCodes({ now }: Viewer, rule: Condition): Where {
  return { AND: [toWhere(rule), { sessionId: null }, { expiresAt: { gt: new Date(now) } }] };
}

/** Of an application, in an open session, not expired. */
function goodTokens({ now }: Viewer, rule: Condition): Where {
  const open = { session: { is: { endedAt: null, applicationId: { not: null } } } };
  return { AND: [toWhere(related('session', rule)), open, { expiresAt: { gt: new Date(now) } }] };
}
