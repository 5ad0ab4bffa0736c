// auth: applications, sessions and tokens, second factors, sign-in by others. It proves who is calling; who may do what
// is the business of `users`.
import type { Resolvers } from '../../generated/resolvers/auth.ts';
import { invariant } from '../../platform/errors.ts';
import { createSealing } from '../../platform/sealing.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { mergePermissions, mergeResolvers } from '../../platform/subgraph/merge-modules.ts';
import { applicationsPermissions } from './applications/permissions.ts';
import { applicationsResolvers } from './applications/resolvers.ts';
import type { AuthParts } from './auth-parts.ts';
import { type AuthLoaders, authLoaders } from './loaders.ts';
import { massLogoutHandlers } from './mass-logout.ts';
import { type MfaLoaders, mfaLoaders } from './mfa/loaders.ts';
import { mfaPermissions } from './mfa/permissions.ts';
import { mfaResolvers } from './mfa/resolvers.ts';
import { oauth1Permissions } from './oauth1/permissions.ts';
import { oauth1Resolvers } from './oauth1/resolvers.ts';
import { oauth2Permissions } from './oauth2/permissions.ts';
import { oauth2Resolvers } from './oauth2/resolvers.ts';
import { registerOAuth2Routes } from './oauth2/routes.ts';
import { oidcPermissions } from './oidc/permissions.ts';
import { oidcResolvers } from './oidc/resolvers.ts';
import { sessionsPermissions } from './sessions/permissions.ts';
import { sessionsResolvers } from './sessions/resolvers.ts';
import { sweepJob } from './sweep.ts';
import { createUsersService } from './users-service.ts';

export const auth = defineSubgraph<AuthLoaders & MfaLoaders>({
  name: 'auth',
  permissions: mergePermissions(
    sessionsPermissions,
    applicationsPermissions,
    oauth2Permissions,
    oauth1Permissions,
    mfaPermissions,
    oidcPermissions,
  ),
  build({ config, database, services, log, clock }) {
    invariant(config.serviceSecret !== undefined, 'a process has its secret before it builds services');
    const parts: AuthParts = {
      database: database.forService('auth'),
      users: createUsersService(services),
      config,
      sealing: createSealing(config.serviceSecret, 'auth'),
      log,
      clock,
    };
    return {
      resolvers: mergeResolvers<Resolvers<Context<AuthLoaders & MfaLoaders>>>(
        sessionsResolvers(parts),
        applicationsResolvers(parts),
        oauth1Resolvers(parts),
        mfaResolvers(parts),
        oidcResolvers(parts),
        oauth2Resolvers(parts),
      ),
      loaders: (identity, now) => ({
        ...authLoaders(parts.database, identity),
        ...mfaLoaders(parts, { identity, now }),
      }),
      handlers: massLogoutHandlers(parts),
      jobs: { sweep: sweepJob(parts) },
      routes: (app) => registerOAuth2Routes(app, parts),
    };
  },
});
