// Removes an object from a list in a document's data. Automatic transitions follow.
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import type { DataParts } from '../parts.ts';
import { changeDocument, changeOfData } from './change-document.ts';
import { replaceItem, requireItem, requireItemList } from './document-items.ts';
import { requireExpectedItem } from './expectation.ts';
import type { DocumentWithSchema } from './store.ts';
import { updating } from './update-document.ts';
import type { ItemPlace } from './update-document-item.ts';

/** Throws as `changeDocument` does; NOT_FOUND when the list has no such object. */
export async function deleteDocumentItem(
  { id, path, itemId: givenItemId, expectedItem, ...expectation }: ItemPlace,
  viewer: Viewer,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const itemId = requireId(givenItemId, 'input.itemId');
  const begin = changeOfData((data, found) => {
    const list = requireItemList(path, found.schema.definition.properties);
    const item = requireItem(data, list, itemId);
    requireExpectedItem(expectedItem, { value: item, configuration: list.configuration }, { found, viewer });
    return replaceItem(data, list, { item, by: undefined });
  });
  const change = { id: requireId(id, 'input.id'), action: updating, expectation, kind: 'UPDATED' as const, begin };
  return changeDocument({ ...change, field: 'data' }, viewer, parts);
}
