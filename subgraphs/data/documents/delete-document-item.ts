// Removes an object from a list in a document's data.
import type { Viewer } from '../access.ts';
import type { DataParts } from '../parts.ts';
import type { ItemPlace } from './replace-document-item.ts';
import { replaceDocumentItem } from './replace-document-item.ts';
import type { DocumentWithSchema } from './store.ts';

/** Throws as `replaceDocumentItem` does. */
export function deleteDocumentItem(place: ItemPlace, viewer: Viewer, parts: DataParts): Promise<DocumentWithSchema> {
  return replaceDocumentItem(place, () => undefined, { viewer, parts });
}
