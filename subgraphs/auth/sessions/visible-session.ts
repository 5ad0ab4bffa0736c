// Who sees which sessions, and with them the tokens that are theirs: one's own, or all with VIEW_AUTHORIZATIONS.
import { always, type Condition, equals } from '../../../platform/access/condition.ts';
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import type { Identity } from '../../../platform/identity/identity.ts';

/** On a row that has `userId`: a session, an SSO token, an authorization code. */
export function visibleSession(identity: Identity): Condition {
  return holdsEverywhere(identity, 'VIEW_AUTHORIZATIONS') ? always : equals('userId', identity.userId);
}
