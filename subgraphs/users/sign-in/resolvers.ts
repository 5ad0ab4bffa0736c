// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/users.ts';
import { requireId } from '../../../platform/ids.ts';
import { type Context, requireUser } from '../../../platform/subgraph/context.ts';
import type { UsersLoaders } from '../loaders.ts';
import type { UsersParts } from '../users-parts.ts';
import { authenticate } from './authenticate.ts';
import { changePassword } from './change-password.ts';
import { checkPassword } from './check-password.ts';
import { confirmPassword } from './confirm-password.ts';
import { resetFailedLoginAttempts } from './reset-failed-login-attempts.ts';

export function signInResolvers(parts: UsersParts): Resolvers<Context<UsersLoaders>> {
  return {
    Mutation: {
      authenticate: (_parent, { email, password }, { now }) => authenticate(parts, { email, password }, now),
      verifyPassword: (_parent, { userId, password }, { now }) =>
        checkPassword(parts, { of: { userId: requireId(userId, 'userId') }, password, now }),
      confirmPassword: async (_parent, { input }, { identity, now }) => {
        await confirmPassword(parts, { userId: requireUser(identity).userId, now }, input);
        return { confirmed: true };
      },
      changePassword: async (_parent, { input }, { identity, now, loaders }) => {
        const { userId } = requireUser(identity);
        await changePassword(parts, { userId, now }, input);
        return { user: await loaders.users.load(userId) };
      },
      resetFailedLoginAttempts: async (_parent, { input }, { loaders }) => ({
        user: await loaders.users.load(await resetFailedLoginAttempts(parts.database, input)),
      }),
    },
  };
}
