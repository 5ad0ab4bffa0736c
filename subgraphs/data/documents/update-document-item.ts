// Changes an object in a list in a document's data: keys given replace those stored, null removes a key.
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { requireJsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import { mergeData } from '../workflow/start-workflow.ts';
import type { ChangedItem } from './add-document-item.ts';
import { withItemOf } from './add-document-item.ts';
import { requireItemWithoutId } from './document-items.ts';
import type { ItemPlace } from './replace-document-item.ts';
import { replaceDocumentItem } from './replace-document-item.ts';

export interface ItemUpdate extends ItemPlace {
  readonly item: unknown;
}

/** Throws as `replaceDocumentItem` does. */
export async function updateDocumentItem(
  { item: given, ...place }: ItemUpdate,
  viewer: Viewer,
  parts: DataParts,
): Promise<ChangedItem> {
  const itemId = requireId(place.itemId, 'input.itemId');
  const changes = requireItemWithoutId(requireJsonObject(given, 'input.item'));
  const changed = await replaceDocumentItem(place, (item) => mergeData(item, changes), { viewer, parts });
  return withItemOf(changed, place.path, itemId);
}
