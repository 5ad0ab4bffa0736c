// Dotted paths into a document's data: reading, and writing copies. Only own properties count, and only whole
// numbers from 0 reach into lists.
import type { Json, JsonObject } from './plain-json.ts';
import { isJsonObject } from './plain-json.ts';

export type DataPath = readonly string[];

const listIndex = /^(0|[1-9]\d{0,5})$/;

export function splitPath(path: string): DataPath {
  return path.split('.');
}

export function isListIndex(segment: string): boolean {
  return listIndex.test(segment);
}

/** The value at the path, or undefined when there is none. */
export function readAt(data: Json | undefined, path: DataPath): Json | undefined {
  let value = data;
  for (const segment of path) {
    if (Array.isArray(value)) value = isListIndex(segment) ? (value as readonly Json[])[Number(segment)] : undefined;
    else if (isJsonObject(value)) value = Object.hasOwn(value, segment) ? value[segment] : undefined;
    else return undefined;
  }
  return value;
}

/** A copy with the value at the path. Objects on the way are made; anything else there gives way to an object. */
export function writeAt(data: JsonObject, path: DataPath, value: Json): JsonObject {
  const [first, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) return { ...data, [first]: value };
  const inner = Object.hasOwn(data, first) ? data[first] : undefined;
  return { ...data, [first]: writeAt(isJsonObject(inner) ? inner : {}, rest, value) };
}

/** A copy without what stood at the path. */
export function removeAt(data: JsonObject, path: DataPath): JsonObject {
  const [first, ...rest] = path as [string, ...string[]];
  if (!Object.hasOwn(data, first)) return data;
  if (rest.length === 0) return Object.fromEntries(Object.entries(data).filter(([key]) => key !== first));
  const inner = data[first];
  return isJsonObject(inner) ? { ...data, [first]: removeAt(inner, rest) } : data;
}
