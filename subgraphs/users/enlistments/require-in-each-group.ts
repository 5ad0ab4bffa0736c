// A permission that must hold in every one of some groups.
import type { Permission } from '../../../platform/access/permissions.ts';
import { holdsIn } from '../../../platform/access/scope.ts';
import { forbidden } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';

/** FORBIDDEN in the same words whether or not a group exists, so that ids cannot be probed. */
export function requireInEachGroup(identity: Identity, permission: Permission, groupIds: readonly string[]): void {
  if (!groupIds.every((groupId) => holdsIn(identity, groupId, permission))) {
    throw forbidden(permission, 'everywhere or in each of the groups');
  }
}
