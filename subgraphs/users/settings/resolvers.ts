// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/users.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { UsersLoaders } from '../loaders.ts';
import type { UsersParts } from '../users-parts.ts';
import { updateUserSettings } from './update-user-settings.ts';
import { readSettings } from './user-settings.ts';

export function settingsResolvers({ database }: UsersParts): Resolvers<Context<UsersLoaders>> {
  return {
    Query: {
      userSettings: () => readSettings(database.db),
    },
    Mutation: {
      updateUserSettings: async (_parent, { input }, { identity }) => ({
        settings: await updateUserSettings(database, identity, input),
      }),
    },
  };
}
