// Who may ask for which operation of OAuth 1.
import { application, internal, signedInAnd } from '../../../platform/access/rules.ts';
import type { AccessRule, PermissionMap } from '../../../platform/access/shield.ts';
import { AppError } from '../../../platform/errors.ts';
import { isSignedIn } from '../../../platform/identity/identity.ts';

const otherwise = 'your own';

/** That it is an OAuth 1 token, and not another one, is for the use case to find out. */
const oauth1User: AccessRule = {
  description: 'an OAuth 1 token',
  check: ({ identity }) => {
    if (!isSignedIn(identity)) {
      throw new AppError('UNAUTHENTICATED', 'The request must be signed with an OAuth 1 token.', { code: 104 });
    }
  },
};

export const oauth1Permissions: PermissionMap = {
  Query: {
    oauth1Tokens: signedInAnd({ description: 'VIEW_AUTHORIZATIONS', otherwise }),
    ssoTokens: signedInAnd({ description: 'VIEW_AUTHORIZATIONS', otherwise }),
  },
  Mutation: {
    authenticateOAuth1: internal,
    createOAuth1Token: application,
    createOAuth1TokenWithMfa: application,
    deleteOAuth1Token: signedInAnd({ description: 'DELETE_AUTHORIZATIONS', otherwise }),
    generateSsoToken: oauth1User,
    consumeSsoToken: application,
  },
};
