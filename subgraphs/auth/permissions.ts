// Who may ask for which operation.
import { anyone, internal, signedIn } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';

export const authPermissions: PermissionMap = {
  Query: {
    session: internal,
  },
  Mutation: {
    login: anyone,
    refreshSession: anyone,
    logout: signedIn,
  },
};
