// GraphQL in, use case out, for what the service `files` asks about documents. No logic.
import type { Resolvers } from '../../generated/resolvers/data.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { findVisibleLinkedFiles, listVisibleLinkedFiles } from './documents/linked-files.ts';
import { seesDocuments, showsDocuments } from './live/sight-for-files.ts';
import type { DataLoaders } from './loaders.ts';
import type { DataParts } from './parts.ts';

export function dataResolvers({ database: { db } }: DataParts): Resolvers<Context<DataLoaders>> {
  return {
    Query: {
      visibleLinkedFiles: (_parent, { fileIds }, context) => findVisibleLinkedFiles(db, context, fileIds),
      linkedFileIds: (_parent, args, context) => listVisibleLinkedFiles(db, context, args),
      seesDocuments: (_parent, { documents }, context) => seesDocuments(db, context, documents),
      showsDocuments: (_parent, { rights }, context) => showsDocuments(db, context, rights),
    },
  };
}
