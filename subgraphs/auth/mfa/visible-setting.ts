// Whose settings of second factors a viewer may see: the viewer's own, and anybody's with the permission.
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import type { Identity } from '../../../platform/identity/identity.ts';

export function maySeeSetting(identity: Identity, userId: string): boolean {
  return identity.userId === userId || holdsEverywhere(identity, 'VIEW_USER_MFA_SETTINGS');
}
