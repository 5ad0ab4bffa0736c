// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/users.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { UsersLoaders } from '../loaders.ts';
import type { UsersParts } from '../users-parts.ts';
import { activateUser } from './activate-user.ts';
import { authenticateWithOidc } from './authenticate-with-oidc.ts';
import { isEmailAvailable } from './email-available.ts';
import { linkOidcSubject } from './link-oidc-subject.ts';
import { countLinks } from './link-store.ts';
import { registerUser } from './register-user.ts';
import { requestActivation } from './request-activation.ts';
import { requestPasswordReset } from './request-password-reset.ts';
import { resetPassword } from './reset-password.ts';
import { unlinkOidcSubject } from './unlink-oidc-subject.ts';
import { updateEmail } from './update-email.ts';
import { deleteVerificationRequest, listVerificationRequests } from './verification-requests.ts';

export function accountsResolvers(parts: UsersParts): Resolvers<Context<UsersLoaders>> {
  const { database } = parts;
  return {
    Query: {
      emailAvailable: (_parent, { email }) => isEmailAvailable(database, email),
      activationRequests: (_parent, args, viewer) =>
        listVerificationRequests(database, viewer, { ...args, purpose: 'activation' }),
      passwordResetRequests: (_parent, args, viewer) =>
        listVerificationRequests(database, viewer, { ...args, purpose: 'password_reset' }),
      oidcLinkedUsers: (_parent, { providerId }) => countLinks(database.db, requireId(providerId, 'providerId')),
    },
    Mutation: {
      registerUser: async (_parent, { input }, { now }) => ({ user: await registerUser(database, input, now) }),
      requestActivation: async (_parent, { input }, { now }) => ({
        expiresAt: await requestActivation(database, input, now),
      }),
      activateUser: async (_parent, { input }, { now }) => {
        await activateUser(parts, input, now);
        return { activated: true };
      },
      requestPasswordReset: async (_parent, { input }, { now }) => ({
        expiresAt: await requestPasswordReset(database, input, now),
      }),
      resetPassword: async (_parent, { input }, { now }) => {
        await resetPassword(parts, input, now);
        return { reset: true };
      },
      updateEmail: async (_parent, { input }, context) => ({
        user: await context.loaders.users.load(await updateEmail(database, context, input)),
      }),
      deleteActivationRequest: async (_parent, { input }) => ({
        id: await deleteVerificationRequest(database, 'activation', input.id),
      }),
      deletePasswordResetRequest: async (_parent, { input }) => ({
        id: await deleteVerificationRequest(database, 'password_reset', input.id),
      }),
      authenticateWithOidc: (_parent, { input }) => authenticateWithOidc(database, input),
      linkOidcSubject: async (_parent, { userId, input }) => {
        await linkOidcSubject(database, userId, input);
        return true;
      },
      unlinkOidcSubject: (_parent, { userId }, { now }) => unlinkOidcSubject(database, userId, now),
    },
    VerificationRequest: { user: ({ userId }, _args, { loaders }) => loaders.users.load(userId) },
    VerificationRequestConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
