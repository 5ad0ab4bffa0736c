// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/auth.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { AuthLoaders } from '../loaders.ts';
import { findValidSession } from './find-valid-session.ts';
import { listSessions } from './list-sessions.ts';
import { login } from './login.ts';
import { loginPayload } from './login-payload.ts';
import { logout } from './logout.ts';
import { refreshSession } from './refresh-session.ts';
import { revokeOtherSessions } from './revoke-other-sessions.ts';
import { revokeSession } from './revoke-session.ts';
import { findOpenSession } from './store.ts';

export function sessionsResolvers(parts: AuthParts): Resolvers<Context<AuthLoaders>> {
  return {
    Query: {
      session: (_parent, { tokenHash }, { now }) => findValidSession(parts.database, tokenHash, now),
      openSession: (_parent, { id }, { now }) => findOpenSession(parts.database.db, id, new Date(now)),
      sessions: (_parent, args, context) => listSessions(parts.database, context, args),
    },
    Mutation: {
      login: async (_parent, { input }, context) =>
        loginPayload(parts, await login(parts, input, context.now), context),
      refreshSession: async (_parent, { input }, context) =>
        loginPayload(parts, await refreshSession(parts, input.refreshToken, context.now), context),
      logout: async (_parent, _args, { caller, now }) => ({ user: { id: await logout(parts.database, caller, now) } }),
      revokeSession: async (_parent, { input }, context) => ({
        sessionId: await revokeSession(parts.database, context, input.sessionId),
      }),
      revokeOtherSessions: async (_parent, _args, { caller, now }) => ({
        sessionIds: await revokeOtherSessions(parts.database, caller, now),
      }),
    },
    Session: {
      user: ({ userId }) => ({ id: userId }),
      application: ({ applicationId }, _args, { loaders }) =>
        applicationId === null ? null : loaders.applications.load(applicationId),
      current: ({ id }, _args, { caller }) => id === caller.sessionId,
    },
    SessionConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
