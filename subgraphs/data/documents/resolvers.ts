// GraphQL in, use case out, for what writes documents. No logic.
import type { Resolvers } from '../../../generated/resolvers/data.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { Viewer } from '../access.ts';
import { readable } from '../access.ts';
import type { DataLoaders } from '../loaders.ts';
import type { DocumentModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import type { ChangedItem } from './add-document-item.ts';
import { addDocumentItem } from './add-document-item.ts';
import { createDocument } from './create-document.ts';
import { deleteDocument } from './delete-document.ts';
import { deleteDocumentFields } from './delete-document-fields.ts';
import { deleteDocumentItem } from './delete-document-item.ts';
import { linkDocument } from './link-document.ts';
import { restoreDocument } from './restore-document.ts';
import type { DocumentWithSchema } from './store.ts';
import { transitionDocument } from './transition-document.ts';
import { unlinkDocument } from './unlink-document.ts';
import { updateDocument } from './update-document.ts';
import { updateDocumentItem } from './update-document-item.ts';

export function documentsResolvers(parts: DataParts): Resolvers<Context<DataLoaders>> {
  return {
    Mutation: {
      createDocument: async (_parent, { input }, context) => {
        const initiator = { identity: requireUser(context.identity), now: context.now };
        return ifReadable(await createDocument(input, initiator, parts), context);
      },
      updateDocument: async (_parent, { input }, context) =>
        ifReadable(await updateDocument(input, context, parts), context),
      deleteDocument: async (_parent, { input }, context) => ({
        deletedId: await deleteDocument(input, context, parts),
      }),
      deleteDocumentFields: async (_parent, { input }, context) =>
        ifReadable(await deleteDocumentFields(input, context, parts), context),
      addDocumentItem: async (_parent, { input }, context) =>
        itemIfReadable(await addDocumentItem(input, context, parts), context),
      updateDocumentItem: async (_parent, { input }, context) =>
        itemIfReadable(await updateDocumentItem(input, context, parts), context),
      deleteDocumentItem: async (_parent, { input }, context) =>
        ifReadable(await deleteDocumentItem(input, context, parts), context),
      transitionDocument: async (_parent, { input }, context) =>
        ifReadable(await transitionDocument(input, context, parts), context),
      restoreDocument: async (_parent, { input }, context) =>
        ifReadable(await restoreDocument(input, context, parts), context),
      linkDocument: async (_parent, { input }, context) => {
        const linked = await linkDocument(input, context, parts);
        context.loaders.filesOf.clear(linked.document.id);
        return ifReadable(linked, context);
      },
      unlinkDocument: async (_parent, { input }, context) => {
        const unlinked = await unlinkDocument(input, context, parts);
        context.loaders.filesOf.clear(unlinked.document.id);
        return ifReadable(unlinked, context);
      },
    },
    Document: { transitionLockedAt: ({ lockedAt }) => lockedAt },
  };
}

/** Who may change a document need not see it. */
function ifReadable({ document, schema }: DocumentWithSchema, viewer: Viewer): { document: DocumentModel | null } {
  return { document: matches(readable(viewer, schema), { ...document }) ? document : null };
}

function itemIfReadable({ item, ...found }: ChangedItem, viewer: Viewer) {
  const { document } = ifReadable(found, viewer);
  return { document, item: document === null ? null : item };
}
