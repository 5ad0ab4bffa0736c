// Adds an object to a list in a document's data and gives it an id. Automatic transitions follow.
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import type { JsonObject } from '../json/plain-json.ts';
import { requireJsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import { changeDocument, changeOfData } from './change-document.ts';
import { declaredData } from './declared-data.ts';
import type { ItemList } from './document-items.ts';
import { findItem, requireItemList, requireItemWithoutId, withItem } from './document-items.ts';
import type { Expectation } from './expectation.ts';
import type { DocumentWithSchema } from './store.ts';
import { updating } from './update-document.ts';

export interface NewItem extends Expectation {
  readonly id: string;
  readonly path: string;
  readonly item: unknown;
}

export interface ChangedItem extends DocumentWithSchema {
  /** As it is now; null when what followed took it away. */
  readonly item: JsonObject | null;
}

/** Throws as `changeDocument` does; BAD_USER_INPUT when there is no such list. */
export async function addDocumentItem(
  { id, path, item: given, ...expectation }: NewItem,
  viewer: Viewer,
  parts: DataParts,
): Promise<ChangedItem> {
  const item = requireItemWithoutId(requireJsonObject(given, 'input.item'));
  let itemId = '';
  const begin = changeOfData((data, { schema }) => {
    const added = withItem(data, requireItemList(path, schema.definition.properties), item);
    itemId = added.itemId;
    return added.data;
  });
  const change = { id: requireId(id, 'input.id'), action: updating, expectation, kind: 'UPDATED' as const, begin };
  return withItemOf(await changeDocument({ ...change, field: 'data' }, viewer, parts), path, itemId);
}

/** What has changed, with what is declared of the object. */
export function withItemOf({ document, schema }: DocumentWithSchema, path: string, itemId: string): ChangedItem {
  const { properties } = schema.definition;
  const list: ItemList = requireItemList(path, properties);
  const item = findItem(declaredData(document.data, properties), list, itemId) ?? null;
  return { document, schema, item };
}
