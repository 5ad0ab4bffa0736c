// data: document schemas and documents, with their statuses, transitions and access modes.
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { createConfigurationCompiler } from './compile-configuration.ts';
import { documentChanges } from './document-changes.ts';
import type { DataLoaders } from './loaders.ts';
import { createLoaders } from './loaders.ts';
import type { DataParts } from './parts.ts';
import { dataPermissions } from './permissions.ts';
import { dataResolvers } from './resolvers.ts';
import { createSchemaChecks } from './schema-checks.ts';

export const data = defineSubgraph<DataLoaders>({
  name: 'data',
  permissions: dataPermissions,
  build({ database, services }) {
    const compile = createConfigurationCompiler();
    const parts: DataParts = {
      database: database.forService('data'),
      services,
      compile,
      checksOf: createSchemaChecks(compile),
    };
    return {
      resolvers: dataResolvers(parts),
      loaders: (identity, now) => createLoaders(parts.database.db, { identity, now }),
      subscriptions: { documentChanged: documentChanges(parts.database.db) },
    };
  },
});
