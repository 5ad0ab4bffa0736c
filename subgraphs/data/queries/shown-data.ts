// The data of a document as it is shown: what the schema declares, and of that what was asked for.
import { invalidInput } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import { declaredData } from '../documents/declared-data.ts';
import type { DataPath } from '../json/data-path.ts';
import { splitPath } from '../json/data-path.ts';
import type { Json, JsonObject } from '../json/plain-json.ts';
import { isJsonObject } from '../json/plain-json.ts';
import type { DocumentModel } from '../models.ts';
import type { Properties } from '../schemas/type-configuration.ts';

const mostFields = 100;

/** Throws BAD_USER_INPUT for fields that are too many or too long. */
export function shownData(
  { data, shown }: DocumentModel,
  properties: Properties,
  fields: readonly string[] | null | undefined,
): JsonObject {
  let declared = declaredData(data, properties);
  if (shown !== undefined) declared = restricted(declared, shown.map(splitPath));
  return fields ? restricted(declared, requireFields(fields)) : declared;
}

function requireFields(fields: readonly string[]): DataPath[] {
  if (fields.length > mostFields) throw invalidInput('fields', `at most ${mostFields} are allowed.`);
  return fields.map((field, index) => splitPath(requireText(field, `fields.${index}`, { most: 500 })));
}

/** Only what stands at the paths, where it stood. In a list, a path goes on in each of its objects. */
function restricted(data: JsonObject, paths: readonly DataPath[]): JsonObject {
  const inside = new Map<string, DataPath[]>();
  for (const [name = '', ...rest] of paths) inside.set(name, [...(inside.get(name) ?? []), rest]);
  const kept = Object.entries(data).flatMap(([name, value]): [string, Json][] => {
    const rests = inside.get(name);
    if (rests === undefined) return [];
    const part = rests.some((rest) => rest.length === 0) ? value : restrictedValue(value, rests);
    return part === undefined ? [] : [[name, part]];
  });
  return Object.fromEntries(kept);
}

function restrictedValue(value: Json, paths: readonly DataPath[]): Json | undefined {
  if (Array.isArray(value)) {
    return value.map((item: Json) => restrictedValue(item, paths)).filter((item) => item !== undefined);
  }
  return isJsonObject(value) ? restricted(value, paths) : undefined;
}
