// Deletes a document for good; its links to files go with it, the files stay.
import { requireId } from '../../platform/ids.ts';
import type { Viewer } from './access.ts';
import { deletable } from './access.ts';
import { removeDocument } from './document-store.ts';
import { documentEvent } from './events.ts';
import type { DataParts } from './parts.ts';
import { requireDocument } from './require-document.ts';

/** The id of the document that is gone. Throws as `requireDocument` does. */
export async function deleteDocument(givenId: string, viewer: Viewer, { database }: DataParts): Promise<string> {
  const id = requireId(givenId, 'input.id');
  await database.write(async (tx) => {
    const action = { allowed: deletable, permission: 'DELETE_DOCUMENTS' };
    const { document, schema } = await requireDocument(tx.db, { id, lock: true }, { viewer, action });
    await removeDocument(tx.db, id);
    tx.publish(documentEvent('document_deleted', document, schema.name));
  });
  return id;
}
