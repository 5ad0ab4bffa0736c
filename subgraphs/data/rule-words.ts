// How the rules of this service's operations are put into words for docs/permissions.md.
import { signedInAnd } from '../../platform/access/rules.ts';

/** A document permission, as a group can hold it. */
export function forDocuments(permission: string): string {
  return `${permission} or ${permission}:{schema}, global or in a group of the document`;
}

export function byMode(mode: string): string {
  return `as the ${mode} mode of the schema says`;
}

/** Of every operation that shows documents: the read mode and the document's links decide on each. */
export const reading = signedInAnd({ description: forDocuments('VIEW_DOCUMENTS'), otherwise: byMode('read') });
