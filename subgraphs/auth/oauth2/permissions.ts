// Who may ask for which operation on codes and tokens of OAuth 2.
import { signedIn, signedInAnd } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';

const otherwise = 'your own';

export const oauth2Permissions: PermissionMap = {
  Query: {
    oauth2Authorizations: signedInAnd({ description: 'VIEW_AUTHORIZATIONS', otherwise }),
    oauth2Tokens: signedInAnd({ description: 'VIEW_AUTHORIZATIONS', otherwise }),
    oauth2RefreshTokens: signedInAnd({ description: 'VIEW_OAUTH2_REFRESH_TOKENS or VIEW_AUTHORIZATIONS', otherwise }),
  },
  Mutation: {
    createOAuth2Authorization: signedIn,
    deleteOAuth2Authorization: signedInAnd({ description: 'DELETE_AUTHORIZATIONS', otherwise }),
    deleteOAuth2Token: signedInAnd({ description: 'DELETE_AUTHORIZATIONS', otherwise }),
    deleteOAuth2RefreshToken: signedInAnd({
      description: 'DELETE_OAUTH2_REFRESH_TOKEN or DELETE_AUTHORIZATIONS',
      otherwise,
    }),
  },
};
