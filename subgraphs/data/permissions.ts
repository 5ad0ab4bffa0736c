// Who may ask for which operation. Where a rule says `otherwise`, the schema's modes and the document's links decide.
import { internal, signedInAnd } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';

/** A document permission, as a group can hold it. */
const forDocuments = (permission: string) =>
  `${permission} or ${permission}:{schema}, global or in a group of the document`;
const byMode = (mode: string) => `as the ${mode} mode of the schema says`;

const reading = signedInAnd({ description: forDocuments('VIEW_DOCUMENTS'), otherwise: byMode('read') });

export const dataPermissions: PermissionMap = {
  Query: {
    visibleLinkedFiles: internal,
    linkedFileIds: internal,
  },
  Subscription: {
    documentChanged: reading,
  },
};
