// What is different between two contents of a document, and the content before a difference. Objects are compared
// property by property, lists as a whole.
import { isDeepStrictEqual } from 'node:util';
import { removeAt, writeAt } from '../json/data-path.ts';
import type { Json, JsonObject } from '../json/plain-json.ts';
import { isJsonObject } from '../json/plain-json.ts';
import type { DocumentModel, StoredChange } from '../models.ts';

/** What of a document has versions. */
export type VersionedContent = Pick<DocumentModel, 'data' | 'userIds' | 'groupIds'>;

/** Everything that differs, data first. */
export function changesBetween(before: VersionedContent, after: VersionedContent): StoredChange[] {
  return [
    ...changedProperties(before.data, after.data, ['data']),
    ...changedIds('userIds', before.userIds, after.userIds),
    ...changedIds('groupIds', before.groupIds, after.groupIds),
  ];
}

/** The data as it was before these changes of it. */
export function undone(data: JsonObject, changes: readonly StoredChange[]): JsonObject {
  return changes.reduceRight((content, { path: [root, ...path], before }) => {
    if (root !== 'data') return content;
    return before === undefined ? removeAt(content, path) : writeAt(content, path, before);
  }, data);
}

function changedProperties(before: JsonObject, after: JsonObject, path: readonly string[]): StoredChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => changedValue(own(before, name), own(after, name), [...path, name]));
}

function changedValue(before: Json | undefined, after: Json | undefined, path: readonly string[]): StoredChange[] {
  if (before === after) return [];
  if (isJsonObject(before) && isJsonObject(after)) return changedProperties(before, after, path);
  if (isDeepStrictEqual(before, after)) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function changedIds(name: 'userIds' | 'groupIds', before: readonly string[], after: readonly string[]): StoredChange[] {
  return isDeepStrictEqual([...before], [...after]) ? [] : [{ path: [name], before, after }];
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
