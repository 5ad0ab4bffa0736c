// GraphQL in, use case out, for what reads documents. No logic.
import type { Resolvers } from '../../../generated/resolvers/data.ts';
import { notFound } from '../../../platform/errors.ts';
import { isId, requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { DataLoaders } from '../loaders.ts';
import type { DocumentModel, DocumentSchemaModel } from '../models.ts';
import { schemaNotFound } from '../schemas/schema-not-found.ts';
import { aggregateDocuments } from './aggregate-documents.ts';
import { listDocuments, readListing } from './list-documents.ts';
import { selectsField } from './selects-field.ts';
import { shownData } from './shown-data.ts';

export function queriesResolvers(): Resolvers<Context<DataLoaders>> {
  return {
    Query: {
      document: (_parent, { id }, { loaders }, info) =>
        loaders.documentFor({ withData: selectsField('data', info) }).load(requireId(id, 'id')),
      documents: async (_parent, args, context, info) => {
        const schema = await requireSchema(args.schemaName, context.loaders);
        return listDocuments(
          context.loaders.reads,
          readListing({ ...args, withData: selectsField('data', info) }, schema, context),
        );
      },
      documentAggregate: async (_parent, args, context) =>
        aggregateDocuments(context.loaders.reads, args, {
          schema: await requireSchema(args.schemaName, context.loaders),
          viewer: context,
        }),
    },
    Document: {
      __resolveReference: ({ id }, { loaders }, info) =>
        isId(id) ? loaders.documentFor({ withData: selectsField('data', info) }).load(id.toLowerCase()) : null,
      data: async (document, { fields }, { loaders }) =>
        shownData(document, (await schemaOf(document, loaders)).definition.properties, fields),
      creator: ({ creatorId }) => ({ id: creatorId }),
      users: ({ userIds }) => userIds.map((id) => ({ id })),
      groups: ({ groupIds }) => groupIds.map((id) => ({ id })),
      files: async ({ id }, _args, { loaders }) => (await loaders.filesOf.load(id)).map((fileId) => ({ id: fileId })),
      schema: (document, _args, { loaders }) => schemaOf(document, loaders),
    },
    User: {
      __resolveReference: ({ id }) => (isId(id) ? { id: id.toLowerCase() } : null),
      documents: ({ id }, args, { loaders }, info) =>
        loaders.documentsUnder.load({ kind: 'user', id, args: { ...args, withData: selectsField('data', info) } }),
    },
    Group: {
      __resolveReference: ({ id }) => (isId(id) ? { id: id.toLowerCase() } : null),
      documents: ({ id }, args, { loaders }, info) =>
        loaders.documentsUnder.load({ kind: 'group', id, args: { ...args, withData: selectsField('data', info) } }),
    },
    DocumentConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}

async function requireSchema(name: string, { schemaByName }: DataLoaders): Promise<DocumentSchemaModel> {
  const schema = await schemaByName.load(name);
  if (schema === null) throw schemaNotFound('schemaName');
  return schema;
}

async function schemaOf({ schemaId }: DocumentModel, { schemaById }: DataLoaders): Promise<DocumentSchemaModel> {
  const schema = await schemaById.load(schemaId);
  if (schema === null) throw notFound('Schema');
  return schema;
}
