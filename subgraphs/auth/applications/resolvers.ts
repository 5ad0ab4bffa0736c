// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/auth.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { AuthLoaders } from '../loaders.ts';
import { createApplication } from './create-application.ts';
import { createApplicationVersion } from './create-application-version.ts';
import { deleteApplication } from './delete-application.ts';
import { deleteApplicationVersion } from './delete-application-version.ts';
import { listApplications } from './list-applications.ts';
import { updateApplication } from './update-application.ts';

export function applicationsResolvers(parts: AuthParts): Resolvers<Context<AuthLoaders>> {
  const { database } = parts;
  return {
    Query: {
      application: (_parent, { id }, { loaders }) => loaders.applications.load(requireId(id, 'id')),
      applications: (_parent, args, { identity }) => listApplications(database, identity, args),
    },
    Mutation: {
      createApplication: async (_parent, { input }) => ({ application: await createApplication(database, input) }),
      updateApplication: async (_parent, { input }, { loaders }) => {
        const application = await updateApplication(database, input);
        loaders.applications.clear(application.id);
        return { application };
      },
      deleteApplication: async (_parent, { input }) => ({
        applicationId: await deleteApplication(database, input.applicationId),
      }),
      createApplicationVersion: async (_parent, { input }, { loaders }) => {
        const made = await createApplicationVersion(parts, input);
        loaders.applicationVersions.clear(made.version.applicationId);
        return made;
      },
      deleteApplicationVersion: async (_parent, { input }, { loaders }) => {
        const application = await deleteApplicationVersion(database, input);
        loaders.applicationVersions.clear(application.id);
        return { application };
      },
    },
    Application: {
      __resolveReference: ({ id }, { loaders }) => loaders.applications.load(id),
      versions: ({ id }, _args, { loaders }) => loaders.applicationVersions.load(id),
    },
    ApplicationConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
