// Who may ask for which operation. Where a rule says `otherwise`, the schema's modes and the document's links decide.
import { internal } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';
import { reading } from './rule-words.ts';

export const dataPermissions: PermissionMap = {
  Query: {
    visibleLinkedFiles: internal,
    linkedFileIds: internal,
    seesDocuments: internal,
    showsDocuments: internal,
  },
  Subscription: {
    documentChanged: reading,
  },
};
