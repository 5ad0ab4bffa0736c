// Who sees which applications: every user sees all of them (what of them, permissions.ts says), and an application that
// calls without a user sees itself.
import { always, type Condition, equals } from '../../../platform/access/condition.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { isSignedIn } from '../../../platform/identity/identity.ts';

export function visibleApplication(identity: Identity): Condition {
  return isSignedIn(identity) ? always : equals('id', identity.applicationId);
}
