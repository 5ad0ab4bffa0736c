// Who may comment. All of it asks for a document that the viewer sees; comments shown under it are for the use case.
import { signedInAnd } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';

const ownDocument = 'a document that you created or that is linked to you';
const ownComment = 'your own comment';
const global = (permission: string) => `${permission} or ${permission}:{schema}`;
const inGroup = (permission: string) => `${global(permission)}; ${permission} in a group of the document`;

export const commentsPermissions: PermissionMap = {
  Mutation: {
    createDocumentComment: signedInAnd({ description: inGroup('CREATE_DOCUMENT_COMMENTS'), otherwise: ownDocument }),
    updateDocumentComment: signedInAnd({ description: global('UPDATE_DOCUMENT_COMMENTS'), otherwise: ownComment }),
    deleteDocumentComment: signedInAnd({ description: inGroup('UPDATE_DOCUMENT_COMMENTS'), otherwise: ownComment }),
  },
  Document: {
    comments: signedInAnd({ description: inGroup('VIEW_DOCUMENT_COMMENTS'), otherwise: ownDocument }),
  },
};
