// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/auth.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { MfaSettingModel } from '../models.ts';
import { loginPayload } from '../sessions/login-payload.ts';
import { addMethod } from './add-method.ts';
import { confirmMethod } from './confirm-method.ts';
import { disableMfa } from './disable-mfa.ts';
import { enableMfa } from './enable-mfa.ts';
import type { MfaLoaders } from './loaders.ts';
import { loginWithMfa } from './login-with-mfa.ts';
import { confirmPresence } from './presence.ts';
import { removeMethod } from './remove-method.ts';

export function mfaResolvers(parts: AuthParts): Resolvers<Context<MfaLoaders>> {
  return {
    Query: {
      mfaSetting: (_parent, { userId }, { identity, loaders }) =>
        loaders.mfaSettings.load(userId == null ? requireUser(identity).userId : requireId(userId, 'userId')),
    },
    Mutation: {
      loginWithMfa: async (_parent, { input }, context) =>
        loginPayload(parts, await loginWithMfa(parts, input, context.now), context),
      confirmPresence: (_parent, { input: { password } }, { identity, now }) =>
        confirmPresence(parts, { userId: requireUser(identity).userId, password, now }),
      addMfaMethod: (_parent, { input }, context) => addMethod(parts, context, input),
      confirmMfaMethod: async (_parent, { input }, context) => ({ method: await confirmMethod(parts, context, input) }),
      removeMfaMethod: async (_parent, { input }, context) =>
        changed(context, await removeMethod(parts, context, input)),
      enableMfa: async (_parent, { input }, context) => changed(context, await enableMfa(parts, context, input)),
      disableMfa: async (_parent, { input }, context) => changed(context, await disableMfa(parts, context, input)),
    },
    User: {
      mfaSetting: ({ id }, _args, { loaders }) => loaders.mfaSettings.load(id),
    },
    MfaSetting: {
      user: ({ userId }) => ({ id: userId }),
      methods: ({ userId }, _args, { loaders }) => loaders.mfaMethods.load(userId),
    },
  };
}

/** What an earlier field of the same request has read of it is old now. */
function changed({ loaders }: Context<MfaLoaders>, setting: MfaSettingModel): { setting: MfaSettingModel } {
  loaders.mfaSettings.clear(setting.userId);
  loaders.mfaMethods.clear(setting.userId);
  return { setting };
}
