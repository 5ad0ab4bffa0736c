// Who may ask for which operation. Where a rule says `otherwise`, the schema's modes and the document's links decide.
import { can, internal, signedIn, signedInAnd } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';

/** A document permission, as a group can hold it. */
const forDocuments = (permission: string) =>
  `${permission} or ${permission}:{schema}, global or in a group of the document`;
const byMode = (mode: string) => `as the ${mode} mode of the schema says`;

const reading = signedInAnd({ description: forDocuments('VIEW_DOCUMENTS'), otherwise: byMode('read') });

export const dataPermissions: PermissionMap = {
  Query: {
    document: reading,
    documents: reading,
    documentSchema: signedIn,
    documentSchemas: signedIn,
    visibleLinkedFiles: internal,
    linkedFileIds: internal,
  },
  Mutation: {
    createDocumentSchema: can('CREATE_SCHEMAS'),
    createDocument: signedInAnd({
      description: 'CREATE_DOCUMENTS or CREATE_DOCUMENTS:{schema}',
      otherwise: byMode('create'),
    }),
    updateDocument: signedInAnd({ description: forDocuments('UPDATE_DOCUMENTS'), otherwise: byMode('update') }),
    deleteDocument: signedInAnd({ description: forDocuments('DELETE_DOCUMENTS'), otherwise: byMode('delete') }),
    linkDocument: signedInAnd({
      description:
        'UPDATE_ACCESS_TO_DOCUMENT or UPDATE_ACCESS_TO_DOCUMENT:{schema} for users and groups; UPDATE_DOCUMENTS likewise for files',
      otherwise: `files that you see, ${byMode('update')}`,
    }),
  },
  Subscription: {
    documentChanged: reading,
  },
  User: {
    documents: reading,
  },
  Group: {
    documents: reading,
  },
};
