// GraphQL in, use case out. No logic: what a field answers stands in the file of its use case or in the loaders.
import type { Resolvers } from '../../generated/resolvers/data.ts';
import { matches } from '../../platform/access/condition-matches.ts';
import { notFound } from '../../platform/errors.ts';
import { isSignedIn } from '../../platform/identity/identity.ts';
import { isId, requireId } from '../../platform/ids.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { requireUser } from '../../platform/subgraph/context.ts';
import type { Viewer } from './access.ts';
import { readable } from './access.ts';
import { createDocument } from './create-document.ts';
import { createDocumentSchema } from './create-document-schema.ts';
import { deleteDocument } from './delete-document.ts';
import type { DocumentWithSchema } from './document-store.ts';
import { linkDocument } from './link-document.ts';
import { findVisibleLinkedFiles, listVisibleLinkedFiles } from './linked-files.ts';
import { listDocumentSchemas } from './list-document-schemas.ts';
import { listDocuments, readListing } from './list-documents.ts';
import type { DataLoaders } from './loaders.ts';
import type { DocumentModel } from './models.ts';
import type { DataParts } from './parts.ts';
import { schemaNotFound } from './schema-not-found.ts';
import { updateDocument } from './update-document.ts';

export function dataResolvers(parts: DataParts): Resolvers<Context<DataLoaders>> {
  const { db } = parts.database;
  return {
    Query: {
      document: (_parent, { id }, { loaders }) => loaders.document.load(requireId(id, 'id')),
      documents: async (_parent, args, context) => {
        const schema = await context.loaders.schemaByName.load(args.schemaName);
        if (schema === null) throw schemaNotFound('schemaName');
        return listDocuments(db, readListing(args, schema, context));
      },
      documentSchema: (_parent, { name }, { loaders }) => loaders.schemaByName.load(name),
      documentSchemas: (_parent, args) => listDocumentSchemas(db, args),
      visibleLinkedFiles: (_parent, { fileIds }, context) => findVisibleLinkedFiles(db, context, fileIds),
      linkedFileIds: (_parent, args, context) => listVisibleLinkedFiles(db, context, args),
    },
    Mutation: {
      createDocumentSchema: async (_parent, { input }, { now }) => ({
        schema: await createDocumentSchema(input, now, parts),
      }),
      createDocument: async (_parent, { input }, context) => {
        const initiator = { identity: requireUser(context.identity), now: context.now };
        return { document: ifReadable(await createDocument(input, initiator, parts), context) };
      },
      updateDocument: async (_parent, { input }, context) => ({
        document: ifReadable(await updateDocument(input, context, parts), context),
      }),
      deleteDocument: async (_parent, { input }, context) => ({
        deletedId: await deleteDocument(input.id, context, parts),
      }),
      linkDocument: async (_parent, { input }, context) => {
        const linked = await linkDocument(input, context, parts);
        context.loaders.filesOf.clear(linked.document.id);
        return { document: ifReadable(linked, context) };
      },
    },
    Document: {
      __resolveReference: ({ id }, { loaders }) => (isId(id) ? loaders.document.load(id.toLowerCase()) : null),
      creator: ({ creatorId }) => ({ id: creatorId }),
      users: ({ userIds }) => userIds.map((id) => ({ id })),
      groups: ({ groupIds }) => groupIds.map((id) => ({ id })),
      files: async ({ id }, _args, { loaders }) => (await loaders.filesOf.load(id)).map((fileId) => ({ id: fileId })),
      schema: async ({ schemaId }, _args, { loaders }) => {
        const schema = await loaders.schemaById.load(schemaId);
        if (schema === null) throw notFound('Schema');
        return schema;
      },
    },
    DocumentSchema: {
      __resolveReference: (reference, { identity, loaders }) => {
        if (!isSignedIn(identity)) return null;
        if ('name' in reference) return loaders.schemaByName.load(reference.name);
        return isId(reference.id) ? loaders.schemaById.load(reference.id.toLowerCase()) : null;
      },
    },
    User: {
      __resolveReference: ({ id }) => (isId(id) ? { id: id.toLowerCase() } : null),
      documents: ({ id }, args, { loaders }) => loaders.documentsUnder.load({ kind: 'user', id, args }),
    },
    Group: {
      __resolveReference: ({ id }) => (isId(id) ? { id: id.toLowerCase() } : null),
      documents: ({ id }, args, { loaders }) => loaders.documentsUnder.load({ kind: 'group', id, args }),
    },
    DocumentConnection: { totalCount: ({ totalCount }) => totalCount() },
    DocumentSchemaConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}

/** Who may change a document need not see it. */
function ifReadable({ document, schema }: DocumentWithSchema, viewer: Viewer): DocumentModel | null {
  return matches(readable(viewer, schema), { ...document }) ? document : null;
}
