// Puts another object in the place of one in a list in a document's data, or removes it. Automatic transitions follow.
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import { changeDocument, changeOfData } from './change-document.ts';
import { replaceItem, requireItem, requireItemList } from './document-items.ts';
import type { Expectation } from './expectation.ts';
import { requireExpectedItem } from './expectation.ts';
import type { DocumentWithSchema } from './store.ts';
import { updating } from './update-document.ts';

export interface ItemPlace extends Expectation {
  readonly id: string;
  readonly path: string;
  readonly itemId: string;
  readonly expectedItem?: DocumentFilter | null;
}

/** What becomes of the object; undefined when it goes. */
type Replacement = (item: JsonObject) => JsonObject | undefined;

/** Throws as `changeDocument` does; NOT_FOUND when the list has no such object. */
export async function replaceDocumentItem(
  { id, path, itemId: givenItemId, expectedItem, ...expectation }: ItemPlace,
  replacement: Replacement,
  { viewer, parts }: { readonly viewer: Viewer; readonly parts: DataParts },
): Promise<DocumentWithSchema> {
  const itemId = requireId(givenItemId, 'input.itemId');
  const begin = changeOfData((data, found) => {
    const list = requireItemList(path, found.schema.definition.properties);
    const item = requireItem(data, list, itemId);
    requireExpectedItem(expectedItem, { value: item, configuration: list.configuration }, { found, viewer });
    return replaceItem(data, list, { item, by: replacement(item) });
  });
  const change = { id: requireId(id, 'input.id'), action: updating, expectation, kind: 'UPDATED' as const, begin };
  return changeDocument({ ...change, field: 'data' }, viewer, parts);
}
