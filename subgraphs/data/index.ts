// data: document schemas and documents, with their statuses, transitions and access modes.
import type { Resolvers } from '../../generated/resolvers/data.ts';
import { readsInTurn } from '../../platform/database/query-gate.ts';
import { viewerKey } from '../../platform/identity/identity.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { mergePermissions, mergeResolvers } from '../../platform/subgraph/merge-modules.ts';
import { commentsPermissions } from './comments/permissions.ts';
import { commentsResolvers } from './comments/resolvers.ts';
import { documentsPermissions } from './documents/permissions.ts';
import { documentsResolvers } from './documents/resolvers.ts';
import { resumeDocumentJob } from './documents/resume-document.ts';
import { registerExportRoutes } from './export/routes.ts';
import { groupSyncHandlers } from './group-sync/handlers.ts';
import { groupSyncJobs } from './group-sync/jobs.ts';
import type { HistoryLoaders } from './history/loaders.ts';
import { historyLoaders } from './history/loaders.ts';
import { historyResolvers } from './history/resolvers.ts';
import { documentChanges } from './live/document-changes.ts';
import type { DataLoaders } from './loaders.ts';
import { createLoaders } from './loaders.ts';
import type { DataParts } from './parts.ts';
import { dataPermissions } from './permissions.ts';
import { queriesPermissions } from './queries/permissions.ts';
import { queriesResolvers } from './queries/resolvers.ts';
import { dataResolvers } from './resolvers.ts';
import { createConfigurationCompiler } from './schemas/compile-configuration.ts';
import { schemasJobs } from './schemas/jobs.ts';
import type { SchemaLoaders } from './schemas/loaders.ts';
import { schemaLoaders } from './schemas/loaders.ts';
import { schemasPermissions } from './schemas/permissions.ts';
import { schemasResolvers } from './schemas/resolvers.ts';
import { createSchemaChecks } from './schemas/schema-checks.ts';

export const data = defineSubgraph<DataLoaders & SchemaLoaders & HistoryLoaders>({
  name: 'data',
  permissions: mergePermissions(
    dataPermissions,
    queriesPermissions,
    schemasPermissions,
    commentsPermissions,
    documentsPermissions,
  ),
  build({ database, queryGate, services, clock }) {
    const compile = createConfigurationCompiler();
    const parts: DataParts = {
      database: database.forService('data'),
      services,
      clock,
      compile,
      checksOf: createSchemaChecks(compile),
    };
    return {
      resolvers: mergeResolvers<Resolvers<Context<DataLoaders & SchemaLoaders & HistoryLoaders>>>(
        dataResolvers(parts),
        queriesResolvers(),
        schemasResolvers(parts),
        commentsResolvers(parts),
        documentsResolvers(parts),
        historyResolvers(),
      ),
      loaders: (identity, now) => {
        const { db } = parts.database;
        const viewer = { identity, now };
        const reads = readsInTurn(db, queryGate.forRequest(viewerKey(identity)));
        return {
          ...createLoaders({ db, reads }, viewer),
          ...schemaLoaders({ db, reads }, viewer),
          ...historyLoaders(reads),
        };
      },
      jobs: { ...schemasJobs(parts), ...groupSyncJobs(parts), resumeDocument: resumeDocumentJob(parts) },
      handlers: groupSyncHandlers(parts),
      routes: (app, authentication) => registerExportRoutes(app, authentication, { ...parts, queryGate }),
      subscriptions: { documentChanged: documentChanges(parts.database.db) },
    };
  },
});
