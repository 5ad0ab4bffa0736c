// Who may read documents: the schema's read mode and the document's links decide on each.
import { signedInAnd } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';

const reading = signedInAnd({
  description: 'VIEW_DOCUMENTS or VIEW_DOCUMENTS:{schema}, global or in a group of the document',
  otherwise: 'as the read mode of the schema says',
});

export const queriesPermissions: PermissionMap = {
  Query: { document: reading, documents: reading, documentAggregate: reading },
  User: { documents: reading },
  Group: { documents: reading },
};
