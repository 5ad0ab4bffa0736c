// GraphQL in, use case out, for the history of documents.
import type { Resolvers } from '../../../generated/resolvers/data.ts';
import { notFound } from '../../../platform/errors.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import { declaredData } from '../documents/declared-data.ts';
import type { DataLoaders } from '../loaders.ts';
import type { DocumentVersionModel } from '../models.ts';
import { selectsField } from '../queries/selects-field.ts';
import type { Properties } from '../schemas/type-configuration.ts';
import type { HistoryLoaders } from './loaders.ts';
import { shownChanges } from './version-view.ts';

type Loaders = DataLoaders & HistoryLoaders;

export function historyResolvers(): Resolvers<Context<Loaders>> {
  return {
    Document: {
      versions: (document, args, { loaders }, info) =>
        loaders.versionsOf.load({ document, args: { ...args, withChanges: selectsField('changes', info) } }),
    },
    DocumentVersion: {
      user: ({ userId }) => (userId === null ? null : { id: userId }),
      changes: async (version, _args, { loaders }) =>
        shownChanges(version.changes, await propertiesOf(version, loaders)),
      data: async (version, _args, { loaders }) => {
        const { documentId, version: number } = version;
        const data = await loaders.earlierData.load({ documentId, version: number });
        if (data === null) throw notFound('Document');
        return declaredData(data, await propertiesOf(version, loaders));
      },
    },
    DocumentVersionConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}

async function propertiesOf({ schemaId }: DocumentVersionModel, { schemaById }: Loaders): Promise<Properties> {
  const schema = await schemaById.load(schemaId);
  if (schema === null) throw notFound('Document');
  return schema.definition.properties;
}
