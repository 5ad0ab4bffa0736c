// Objects in the lists of a document's data: finds the list that a path names, and changes one object in it. Nothing but
// computing.
import { invalidInput, notFound } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { DataPath } from '../json/data-path.ts';
import { isListIndex, readAt, splitPath, writeAt } from '../json/data-path.ts';
import type { Json, JsonObject } from '../json/plain-json.ts';
import { isJsonObject } from '../json/plain-json.ts';
import type { Properties, TypeConfiguration } from '../schemas/type-configuration.ts';
import { findConfiguration, itemsOf } from '../schemas/type-configuration.ts';

export interface ItemList {
  readonly path: DataPath;
  /** What an object of the list is. */
  readonly configuration: TypeConfiguration;
}

/** BAD_USER_INPUT when the schema declares no list of objects there. Places in lists do not stay, so paths name none. */
export function requireItemList(path: string, properties: Properties): ItemList {
  const segments = splitPath(path);
  const found = segments.some(isListIndex)
    ? undefined
    : findConfiguration({ type: 'object', properties }, segments)?.configuration;
  if (found?.type !== 'array' || found.items.type !== 'object') {
    throw invalidInput('input.path', 'the schema declares no list of objects there.', { code: 26 });
  }
  return { path: segments, configuration: itemsOf(found) };
}

/** BAD_USER_INPUT when the object brings an `id`: ids of objects are the server's. */
export function requireItemWithoutId(item: JsonObject): JsonObject {
  if (Object.hasOwn(item, 'id')) throw invalidInput('input.item.id', 'is given by the server.', { code: 26 });
  return item;
}

/** The data with one more object, and the id of that. */
export function withItem(data: JsonObject, { path }: ItemList, item: JsonObject): { data: JsonObject; itemId: string } {
  const itemId = newId();
  return { data: writeAt(data, path, [...itemsAt(data, path), { ...item, id: itemId }]), itemId };
}

/** By its id in lower case; undefined when the list has no such object. */
export function findItem(data: JsonObject, { path }: ItemList, itemId: string): JsonObject | undefined {
  const hasId = (id: Json | undefined) => typeof id === 'string' && id.toLowerCase() === itemId;
  return itemsAt(data, path).find((item): item is JsonObject => isJsonObject(item) && hasId(item.id));
}

/** NOT_FOUND when the list has no such object. */
export function requireItem(data: JsonObject, list: ItemList, itemId: string): JsonObject {
  const item = findItem(data, list, itemId);
  if (item === undefined) throw notFound('Object', 'input.itemId');
  return item;
}

/** The data with another object in the place of this one; without it when there is none. */
export function replaceItem(data: JsonObject, { path }: ItemList, change: ItemChange): JsonObject {
  const { item, by } = change;
  return writeAt(
    data,
    path,
    itemsAt(data, path).flatMap((other) => (other !== item ? [other] : by === undefined ? [] : [by])),
  );
}

export interface ItemChange {
  readonly item: JsonObject;
  readonly by: JsonObject | undefined;
}

function itemsAt(data: JsonObject, path: DataPath): readonly Json[] {
  const items = readAt(data, path);
  return Array.isArray(items) ? (items as readonly Json[]) : [];
}
