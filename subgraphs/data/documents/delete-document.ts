// Deletes a document for good, even while a transition waits; its links to files go with it, the files stay.
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { deletable } from '../access.ts';
import { documentEvent } from '../events.ts';
import type { DataParts } from '../parts.ts';
import { requireOpen } from './change-document.ts';
import type { Expectation } from './expectation.ts';
import { requireExpected } from './expectation.ts';
import { requireDocument } from './require-document.ts';
import { tellOfFiles } from './tell-of-files.ts';
import { removeDocument } from './write-store.ts';

export interface DocumentDeletion extends Expectation {
  readonly id: string;
}

/** The id of the document that is gone. Throws as `requireDocument` and `requireExpected` do, and ILLEGAL_STATE. */
export async function deleteDocument(
  { id: givenId, ...expectation }: DocumentDeletion,
  viewer: Viewer,
  { database }: DataParts,
): Promise<string> {
  const id = requireId(givenId, 'input.id');
  await database.write(async (tx) => {
    const action = { allowed: deletable, permission: 'DELETE_DOCUMENTS' };
    const { document, schema } = await requireDocument(tx.db, { id, lock: true }, { viewer, action });
    requireOpen(schema);
    requireExpected(expectation, { document, schema }, viewer);
    const unlinked = await removeDocument(tx.db, id);
    tx.publish(documentEvent('document_deleted', { document }, schema.name));
    await tellOfFiles(tx, [{ before: document, after: null, unlinked }]);
  });
  return id;
}
