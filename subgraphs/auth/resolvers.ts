// GraphQL in, use case out. No logic.
import type { LoginPayload, Resolvers } from '../../generated/resolvers/auth.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { findValidSession } from './find-valid-session.ts';
import { type LoginParts, login } from './login.ts';
import { logout } from './logout.ts';
import { refreshSession } from './refresh-session.ts';
import type { SignedIn } from './start-session.ts';

export function authResolvers(parts: LoginParts): Resolvers<Context> {
  const payload = ({ userId, tokens }: SignedIn, { signIn }: Context): LoginPayload => {
    signIn(userId);
    return {
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      expiresIn: parts.lifetimes.access,
      user: { id: userId },
    };
  };
  return {
    Query: {
      session: (_parent, { tokenHash }, { now }) => findValidSession(parts.database, tokenHash, now),
    },
    Mutation: {
      login: async (_parent, { input }, context) => payload(await login(parts, input, context.now), context),
      refreshSession: async (_parent, { input }, context) =>
        payload(await refreshSession(parts, input.refreshToken, context.now), context),
      logout: async (_parent, _args, { caller, now }) => ({ user: { id: await logout(parts.database, caller, now) } }),
    },
  };
}
