// Who may ask for what writes documents. Where a rule says `otherwise`, the schema's modes and the document's links decide.
import { signedInAnd } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';
import { byMode, forDocuments } from '../rule-words.ts';

const changing = signedInAnd({ description: forDocuments('UPDATE_DOCUMENTS'), otherwise: byMode('update') });
const linking = (files: string) =>
  signedInAnd({
    description:
      'UPDATE_ACCESS_TO_DOCUMENT or UPDATE_ACCESS_TO_DOCUMENT:{schema} for users and groups; UPDATE_DOCUMENTS likewise for files',
    otherwise: `${files}, ${byMode('update')}`,
  });

export const documentsPermissions: PermissionMap = {
  Mutation: {
    createDocument: signedInAnd({
      description: 'CREATE_DOCUMENTS or CREATE_DOCUMENTS:{schema}',
      otherwise: byMode('create'),
    }),
    updateDocument: changing,
    deleteDocument: signedInAnd({ description: forDocuments('DELETE_DOCUMENTS'), otherwise: byMode('delete') }),
    deleteDocumentFields: changing,
    addDocumentItem: changing,
    updateDocumentItem: changing,
    deleteDocumentItem: changing,
    transitionDocument: signedInAnd({
      description: `UPDATE_DOCUMENTS, TRANSITION_DOCUMENTS, each also with :{schema}, or TRANSITION_DOCUMENTS:{schema}:{transition}; global or in a group of the document`,
      otherwise: byMode('update'),
    }),
    restoreDocument: changing,
    linkDocument: linking('files that you see'),
    unlinkDocument: linking('files'),
  },
};
