// Who may read documents: the schema's read mode and the document's links decide on each.
import type { PermissionMap } from '../../../platform/access/shield.ts';
import { reading } from '../rule-words.ts';

export const queriesPermissions: PermissionMap = {
  Query: { document: reading, documents: reading, documentAggregate: reading },
  User: { documents: reading },
  Group: { documents: reading },
};
