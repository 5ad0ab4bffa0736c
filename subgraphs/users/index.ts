// users: people, groups, roles and enlistments; who may do what, and where.
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { ensureAdministrator } from './administrator.ts';
import { type UsersLoaders, usersLoaders } from './loaders.ts';
import { usersPermissions } from './permissions.ts';
import { usersResolvers } from './resolvers.ts';
import type { UsersDatabase } from './store.ts';

export const users = defineSubgraph<UsersLoaders>({
  name: 'users',
  permissions: usersPermissions,
  build({ config, database }) {
    const tables: UsersDatabase = database.forService('users');
    return {
      resolvers: usersResolvers(tables, database),
      loaders: (identity, now) => usersLoaders(tables, { identity, now }),
      start: () => ensureAdministrator(tables, config.admin),
    };
  },
});
