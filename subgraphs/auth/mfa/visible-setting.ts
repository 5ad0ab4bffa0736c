// Whose settings of second factors a viewer may see: the viewer's own, and anybody's with the permission.
import { nullUnless } from '../../../platform/access/rules.ts';
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import type { Identity } from '../../../platform/identity/identity.ts';

export function maySeeSetting(identity: Identity, userId: string): boolean {
  return identity.userId === userId || holdsEverywhere(identity, 'VIEW_USER_MFA_SETTINGS');
}

/** The same for the permission map. */
export const seenSetting = nullUnless('VIEW_USER_MFA_SETTINGS', 'of yourself');
