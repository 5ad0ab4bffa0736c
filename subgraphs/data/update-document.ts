// Changes the data of a document: keys given replace those stored, null removes a key, and the whole is validated.
import { isDeepStrictEqual } from 'node:util';
import { requireId } from '../../platform/ids.ts';
import type { Viewer } from './access.ts';
import { writable } from './access.ts';
import type { DocumentWithSchema } from './document-store.ts';
import { writeDocument } from './document-store.ts';
import { documentEvent } from './events.ts';
import type { DataParts } from './parts.ts';
import type { JsonObject } from './plain-json.ts';
import { requireJsonObject } from './plain-json.ts';
import { requireDocument } from './require-document.ts';
import { requireFaultless } from './schema-checks.ts';
import { storedForm } from './stored-form.ts';

export interface DocumentUpdate {
  readonly id: string;
  readonly data: unknown;
}

/** Throws as `requireDocument` does, and BAD_USER_INPUT naming the path in the data. */
export async function updateDocument(
  { id: givenId, data: given }: DocumentUpdate,
  viewer: Viewer,
  { database, checksOf }: DataParts,
): Promise<DocumentWithSchema> {
  const id = requireId(givenId, 'input.id');
  const changes = requireJsonObject(given, 'input.data');
  return database.write(async (tx) => {
    const action = { allowed: writable, permission: 'UPDATE_DOCUMENTS' };
    const { document, schema } = await requireDocument(tx.db, { id, lock: true }, { viewer, action });
    const merged = merge(document.data, changes);
    requireFaultless(checksOf(schema).data, merged, 'input.data');
    const data = storedForm(merged, schema.definition.properties);
    if (isDeepStrictEqual(data, document.data)) return { document, schema };
    const changed = { ...document, data, updatedAt: new Date(viewer.now) };
    await writeDocument(tx.db, changed);
    tx.publish(documentEvent('document_updated', changed, schema.name));
    return { document: changed, schema };
  });
}

function merge(stored: JsonObject, changes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...stored, ...changes }).filter(([key]) => changes[key] !== null));
}
