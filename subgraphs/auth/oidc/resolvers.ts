// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/auth.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { AuthLoaders } from '../loaders.ts';
import { loginPayload } from '../sessions/login-payload.ts';
import { createAuthenticationUrl } from './authentication-url.ts';
import { changeProvider, removeProvider, setProviderEnabled } from './change-provider.ts';
import { createProvider } from './create-provider.ts';
import { linkOidc, unlinkOidc } from './link-oidc.ts';
import { listAttempts, listProviders } from './lists.ts';
import { loginWithOidc } from './login-with-oidc.ts';

export function oidcResolvers(parts: AuthParts): Resolvers<Context<AuthLoaders>> {
  return {
    Query: {
      oidcProvider: (_parent, { id }, { loaders }) => loaders.oidcProviders.load(requireId(id, 'id')),
      oidcProviders: (_parent, args) => listProviders(parts.database, args),
      oidcLoginAttempts: (_parent, args, { identity }) => listAttempts(parts.database, identity, args),
    },
    Mutation: {
      createOidcProvider: async (_parent, { input }) => ({ provider: await createProvider(parts, input) }),
      updateOidcProvider: async (_parent, { input }) => ({ provider: await changeProvider(parts, input) }),
      deleteOidcProvider: async (_parent, { input }) => ({ providerId: await removeProvider(parts, input.providerId) }),
      enableOidcProvider: async (_parent, { input }) => ({
        provider: await setProviderEnabled(parts, input.providerId, true),
      }),
      disableOidcProvider: async (_parent, { input }) => ({
        provider: await setProviderEnabled(parts, input.providerId, false),
      }),
      createOidcAuthenticationUrl: (_parent, { input }, { now }) => createAuthenticationUrl(parts, input, now),
      loginWithOidc: async (_parent, { input }, context) =>
        loginPayload(parts, await loginWithOidc(parts, input, context.now), context),
      linkOidc: async (_parent, { input }, { identity, now }) => {
        await linkOidc(parts, { identity, input, now });
        return { linked: true };
      },
      unlinkOidc: async (_parent, { input }) => ({ unlinked: await unlinkOidc(parts, input.userId) }),
    },
    OidcProvider: {
      __resolveReference: ({ id }, { loaders }) => loaders.oidcProviders.load(id),
    },
    OidcLoginAttempt: {
      provider: ({ providerId }, _args, { loaders }) => loaders.oidcProviders.load(providerId),
      user: ({ userId }) => (userId === null ? null : { id: userId }),
    },
    OidcProviderConnection: { totalCount: ({ totalCount }) => totalCount() },
    OidcLoginAttemptConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
