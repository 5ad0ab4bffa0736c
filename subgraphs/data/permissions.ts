// Who may ask for which operation. `signedIn` stands where the schema's modes, or the document's links, decide.
import { can, internal, signedIn } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';

export const dataPermissions: PermissionMap = {
  Query: {
    document: signedIn,
    documents: signedIn,
    documentSchema: signedIn,
    documentSchemas: signedIn,
    visibleLinkedFiles: internal,
    linkedFileIds: internal,
  },
  Mutation: {
    createDocumentSchema: can('CREATE_SCHEMAS'),
    createDocument: signedIn,
    updateDocument: signedIn,
    deleteDocument: signedIn,
    linkDocument: signedIn,
  },
  Subscription: {
    documentChanged: signedIn,
  },
  User: {
    documents: signedIn,
  },
  Group: {
    documents: signedIn,
  },
};
