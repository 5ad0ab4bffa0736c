// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/auth.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { AuthLoaders } from '../loaders.ts';
import { createSignedRequestAuthentication } from './authenticate-signed-request.ts';
import { consumeSsoToken } from './consume-sso-token.ts';
import { createToken, createTokenWithMfa } from './create-token.ts';
import { deleteToken } from './delete-token.ts';
import { generateSsoToken } from './generate-sso-token.ts';
import { listSsoTokens, listTokens } from './lists.ts';
import type { OpenedToken } from './open-token.ts';

export function oauth1Resolvers(parts: AuthParts): Resolvers<Context<AuthLoaders>> {
  const { database } = parts;
  const authenticate = createSignedRequestAuthentication(parts);
  return {
    Query: {
      oauth1Tokens: (_parent, args, context) => listTokens(database, context, args),
      ssoTokens: (_parent, args, context) => listSsoTokens(database, context, args),
    },
    Mutation: {
      authenticateOAuth1: (_parent, request, { now }) => authenticate(request, now),
      createOAuth1Token: async (_parent, { input }, context) =>
        tokenPayload(await createToken(parts, context, input), context),
      createOAuth1TokenWithMfa: async (_parent, { input }, context) =>
        tokenPayload(await createTokenWithMfa(parts, context, input), context),
      deleteOAuth1Token: async (_parent, { input }, context) => ({
        id: await deleteToken(database, context, input.id),
      }),
      generateSsoToken: (_parent, _args, { caller, now }) => generateSsoToken(parts, caller, now),
      consumeSsoToken: async (_parent, { input }, context) =>
        tokenPayload(await consumeSsoToken(parts, context, input.ssoToken), context),
    },
    OAuth1Token: {
      user: ({ userId }) => ({ id: userId }),
      application: ({ applicationId }, _args, { loaders }) =>
        applicationId === null ? null : loaders.applications.load(applicationId),
    },
    SsoToken: {
      user: ({ userId }) => ({ id: userId }),
      createdBy: ({ applicationId }, _args, { loaders }) => loaders.applications.load(applicationId),
    },
    OAuth1TokenConnection: { totalCount: ({ totalCount }) => totalCount() },
    SsoTokenConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}

/** From here on the request is the user's: what else it asks, it asks as who has just signed in. */
function tokenPayload({ token, tokenSecret, authentication }: OpenedToken, { signIn }: Context) {
  signIn(authentication);
  return { token, tokenSecret, user: { id: authentication.userId } };
}
