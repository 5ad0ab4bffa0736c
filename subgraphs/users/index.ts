// users: people, groups, roles and enlistments; who may do what, and where.
import { deriveKey } from '../../platform/derive-key.ts';
import { invariant } from '../../platform/errors.ts';
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { mergeResolvers } from '../../platform/subgraph/merge-modules.ts';
import { accountsJobs } from './accounts/jobs.ts';
import { accountsResolvers } from './accounts/resolvers.ts';
import { ensureAdministrator } from './administrator.ts';
import { enlistmentsJobs } from './enlistments/jobs.ts';
import { enlistmentsResolvers } from './enlistments/resolvers.ts';
import { groupChanges } from './live/group-changes.ts';
import { userChanges } from './live/user-changes.ts';
import { type UsersLoaders, usersLoaders } from './loaders.ts';
import { openMailer } from './mail/open-mailer.ts';
import { registerOutboxPage } from './mail/outbox-routes.ts';
import { mailResolvers } from './mail/resolvers.ts';
import { showsOutbox } from './mail/shows-outbox.ts';
import { usersPermissions } from './permissions.ts';
import { usersResolvers } from './resolvers.ts';
import { rolesResolvers } from './roles/resolvers.ts';
import { settingsResolvers } from './settings/resolvers.ts';
import { signInJobs } from './sign-in/jobs.ts';
import { signInResolvers } from './sign-in/resolvers.ts';
import type { UsersDatabase } from './store.ts';
import type { UsersParts } from './users-parts.ts';

export const users = defineSubgraph<UsersLoaders>({
  name: 'users',
  permissions: usersPermissions,
  build({ config, database, clock, log }) {
    invariant(config.serviceSecret !== undefined, 'a process has its secret before it builds services');
    const tables: UsersDatabase = database.forService('users');
    const mailer = openMailer({ config, database: tables, log });
    const parts: UsersParts = {
      database: tables,
      versions: database,
      config,
      clock,
      mailer,
      log,
      hmacKey: deriveKey(config.serviceSecret, 'users: what is short enough to be guessed'),
    };
    return {
      resolvers: mergeResolvers(
        usersResolvers(tables, database),
        rolesResolvers(tables),
        enlistmentsResolvers(tables),
        signInResolvers(parts),
        accountsResolvers(parts),
        settingsResolvers(parts),
        mailResolvers(parts),
      ),
      loaders: (identity, now) => usersLoaders(tables, { identity, now }),
      jobs: { ...signInJobs(parts), ...accountsJobs(parts), ...enlistmentsJobs(parts) },
      subscriptions: { userChanged: userChanges(tables), groupChanged: groupChanges(tables) },
      ...(showsOutbox(config) ? { routes: (app) => registerOutboxPage(app, tables.db) } : {}),
      start: () => ensureAdministrator(tables, config.admin),
      close: () => mailer.close(),
    };
  },
});
