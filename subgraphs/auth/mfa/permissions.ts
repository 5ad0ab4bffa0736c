// Who may ask for which operation on second factors.
import { signedInAnd } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';
import { seenSetting } from './visible-setting.ts';

const change = signedInAnd({ description: 'UPDATE_USER_MFA_SETTINGS', otherwise: 'for yourself' });

export const mfaPermissions: PermissionMap = {
  Query: {
    mfaSetting: signedInAnd({ description: 'VIEW_USER_MFA_SETTINGS', otherwise: 'your own' }),
  },
  User: {
    mfaSetting: seenSetting,
  },
  Mutation: {
    addMfaMethod: change,
    confirmMfaMethod: change,
    removeMfaMethod: change,
    enableMfa: change,
    disableMfa: change,
  },
};
