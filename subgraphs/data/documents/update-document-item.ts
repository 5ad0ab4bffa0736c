// Changes an object in a list in a document's data: keys given replace those stored, null removes a key. Automatic
// transitions follow.
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { requireJsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import { mergeData } from '../workflow/start-workflow.ts';
import type { ChangedItem } from './add-document-item.ts';
import { withItemOf } from './add-document-item.ts';
import { changeDocument, changeOfData } from './change-document.ts';
import { replaceItem, requireItem, requireItemList, requireItemWithoutId } from './document-items.ts';
import type { Expectation } from './expectation.ts';
import { requireExpectedItem } from './expectation.ts';
import { updating } from './update-document.ts';

export interface ItemPlace extends Expectation {
  readonly id: string;
  readonly path: string;
  readonly itemId: string;
  readonly expectedItem?: DocumentFilter | null;
}

export interface ItemUpdate extends ItemPlace {
  readonly item: unknown;
}

/** Throws as `changeDocument` does; NOT_FOUND when the list has no such object. */
export async function updateDocumentItem(
  { id, path, itemId: givenItemId, item: given, expectedItem, ...expectation }: ItemUpdate,
  viewer: Viewer,
  parts: DataParts,
): Promise<ChangedItem> {
  const itemId = requireId(givenItemId, 'input.itemId');
  const changes = requireItemWithoutId(requireJsonObject(given, 'input.item'));
  const begin = changeOfData((data, found) => {
    const list = requireItemList(path, found.schema.definition.properties);
    const item = requireItem(data, list, itemId);
    requireExpectedItem(expectedItem, { value: item, configuration: list.configuration }, { found, viewer });
    return replaceItem(data, list, { item, by: mergeData(item, changes) });
  });
  const change = { id: requireId(id, 'input.id'), action: updating, expectation, kind: 'UPDATED' as const, begin };
  return withItemOf(await changeDocument({ ...change, field: 'data' }, viewer, parts), path, itemId);
}
