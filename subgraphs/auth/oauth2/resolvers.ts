// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/auth.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { AuthLoaders } from '../loaders.ts';
import { createAuthorization } from './create-authorization.ts';
import { deleteAuthorization, deleteRefreshToken, deleteToken } from './delete-tokens.ts';
import { listAccessTokens, listAuthorizations, listRefreshTokens } from './lists.ts';

export function oauth2Resolvers(parts: AuthParts): Resolvers<Context<AuthLoaders>> {
  const { database } = parts;
  return {
    Query: {
      oauth2Authorizations: (_parent, args, viewer) => listAuthorizations(database, viewer, args),
      oauth2Tokens: (_parent, args, viewer) => listAccessTokens(database, viewer, args),
      oauth2RefreshTokens: (_parent, args, viewer) => listRefreshTokens(database, viewer, args),
    },
    Mutation: {
      createOAuth2Authorization: (_parent, { input }, { caller, now }) =>
        createAuthorization(parts, caller, { input, now }),
      deleteOAuth2Authorization: async (_parent, { input }, viewer) => ({
        id: await deleteAuthorization(database, viewer, input.id),
      }),
      deleteOAuth2Token: async (_parent, { input }, viewer) => ({ id: await deleteToken(database, viewer, input.id) }),
      deleteOAuth2RefreshToken: async (_parent, { input }, viewer) => ({
        id: await deleteRefreshToken(database, viewer, input.id),
      }),
    },
    OAuth2Authorization: {
      application: ({ applicationId }, _args, { loaders }) => loaders.applications.load(applicationId),
      user: ({ userId }) => ({ id: userId }),
    },
    OAuth2AccessToken: {
      application: ({ applicationId }, _args, { loaders }) =>
        applicationId === null ? null : loaders.applications.load(applicationId),
      user: ({ userId }) => ({ id: userId }),
    },
    OAuth2RefreshToken: {
      application: ({ applicationId }, _args, { loaders }) =>
        applicationId === null ? null : loaders.applications.load(applicationId),
      user: ({ userId }) => ({ id: userId }),
    },
    OAuth2AuthorizationConnection: { totalCount: ({ totalCount }) => totalCount() },
    OAuth2AccessTokenConnection: { totalCount: ({ totalCount }) => totalCount() },
    OAuth2RefreshTokenConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
