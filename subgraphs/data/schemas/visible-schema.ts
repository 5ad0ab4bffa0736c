// Who sees which schemas. Those that are open are no secret; those that are disabled are seen by who administers them,
// and by who sees a document of theirs.
import type { Where } from '../../../platform/access/condition-where.ts';
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { isSignedIn } from '../../../platform/identity/identity.ts';
import type { Viewer } from '../access.ts';
import { findSchemasWithVisibleDocuments } from '../documents/schema-documents-store.ts';
import type { DocumentSchemaModel } from '../models.ts';

/** The schemas that lists show. */
export function listedSchemas(identity: Identity): Where {
  return { deletedAt: null, ...(seesDisabled(identity) ? {} : { disabled: false }) };
}

/** For each schema whether the viewer sees it. */
export async function seesSchemas(
  reads: SlowReads,
  viewer: Viewer,
  schemas: readonly DocumentSchemaModel[],
): Promise<boolean[]> {
  const signedIn = isSignedIn(viewer.identity);
  const doubtful = signedIn && !seesDisabled(viewer.identity) ? schemas.filter(({ disabled }) => disabled) : [];
  const withDocuments = await findSchemasWithVisibleDocuments(reads, viewer, doubtful);
  return schemas.map((schema) => signedIn && (!doubtful.includes(schema) || withDocuments.has(schema.id)));
}

function seesDisabled(identity: Identity): boolean {
  return isSignedIn(identity) && holdsEverywhere(identity, 'DISABLE_SCHEMAS');
}
