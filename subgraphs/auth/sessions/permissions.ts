// Who may ask for which operation on sessions.
import { anyone, internal, signedIn, signedInAnd } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';

export const sessionsPermissions: PermissionMap = {
  Query: {
    session: internal,
    openSession: internal,
    sessions: signedInAnd({ description: 'VIEW_AUTHORIZATIONS', otherwise: 'your own' }),
  },
  Mutation: {
    login: anyone,
    loginWithMfa: anyone,
    refreshSession: anyone,
    logout: signedIn,
    revokeSession: signedInAnd({ description: 'DELETE_AUTHORIZATIONS', otherwise: 'your own' }),
    revokeOtherSessions: signedIn,
    confirmPresence: signedIn,
  },
};
