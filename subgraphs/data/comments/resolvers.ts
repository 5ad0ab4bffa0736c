// GraphQL in, use case out, for comments.
import type { Resolvers } from '../../../generated/resolvers/data.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { Viewer } from '../access.ts';
import type { DataLoaders } from '../loaders.ts';
import type { DocumentCommentModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import { commentsReadable } from './comment-access.ts';
import { createDocumentComment } from './create-document-comment.ts';
import { deleteDocumentComment } from './delete-document-comment.ts';
import { findCommentsOf } from './list-comments.ts';
import type { CommentWithDocument } from './require-comment.ts';
import { updateDocumentComment } from './update-document-comment.ts';

export function commentsResolvers(parts: DataParts): Resolvers<Context<DataLoaders>> {
  return {
    Mutation: {
      createDocumentComment: async (_parent, { input }, context) => {
        const created = await createDocumentComment(input, context, parts);
        context.loaders.commentsOf.clearAll();
        return { comment: ifReadable(created, context) };
      },
      updateDocumentComment: async (_parent, { input }, context) => {
        const updated = await updateDocumentComment(input, context, parts);
        context.loaders.commentsOf.clearAll();
        return { comment: ifReadable(updated, context) };
      },
      deleteDocumentComment: async (_parent, { input }, context) => {
        const deletedId = await deleteDocumentComment(input, context, parts);
        context.loaders.commentsOf.clearAll();
        return { deletedId };
      },
    },
    Document: {
      comments: (document, args, context) => findCommentsOf(document, args, context),
    },
    DocumentComment: {
      creator: ({ creatorId }) => ({ id: creatorId }),
    },
    DocumentCommentConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}

/** Who may comment need not see what others said, nor what was said. */
function ifReadable({ comment, document, schema }: CommentWithDocument, viewer: Viewer): DocumentCommentModel | null {
  return matches(commentsReadable(viewer, schema), { ...document }) ? comment : null;
}
