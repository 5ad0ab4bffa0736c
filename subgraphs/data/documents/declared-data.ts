// What a schema no longer declares, or declares with another type, stays stored in documents, and nobody sees it. This
// tells the two apart, and puts them together again when the rest was changed.
import type { Json, JsonObject } from '../json/plain-json.ts';
import { isJsonObject } from '../json/plain-json.ts';
import type { ArrayConfiguration, Properties, TypeConfiguration } from '../schemas/type-configuration.ts';
import { itemsOf } from '../schemas/type-configuration.ts';

/** The data without what the schema does not declare; what is of another type than declared is not declared, either. */
export function declaredData(data: JsonObject, properties: Properties): JsonObject {
  return declaredObject(data, { properties });
}

/** What of a value below `path` in the data is declared; undefined when nothing is. */
export function declaredAt(value: Json, path: readonly string[], properties: Properties): Json | undefined {
  let configuration: TypeConfiguration | undefined = { type: 'object', properties };
  for (const segment of path) {
    configuration = configuration.type === 'object' ? declaredProperty(configuration, segment) : undefined;
    if (configuration === undefined) return undefined;
  }
  return declaredValue(value, configuration);
}

/** Changed data, with what `stored` holds beside what is declared. Objects in lists are told by their ids. */
export function withUndeclared(changed: JsonObject, stored: JsonObject, properties: Properties): JsonObject {
  return joinedObjects(changed, stored, { properties });
}

type ObjectLike = Pick<Extract<TypeConfiguration, { type: 'object' }>, 'properties' | 'additionalProperties'>;

function declaredProperty({ properties = {}, additionalProperties }: ObjectLike, name: string) {
  return Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
}

/** Undefined for a value of another type: declared as text, an object would show what its properties hid. */
function declaredValue(value: Json, configuration: TypeConfiguration): Json | undefined {
  if (configuration.type === 'object') return isJsonObject(value) ? declaredObject(value, configuration) : undefined;
  if (configuration.type === 'array') {
    if (!Array.isArray(value)) return undefined;
    const items = itemsOf(configuration);
    return value.map((item: Json) => declaredValue(item, items)).filter((item) => item !== undefined);
  }
  return typeof value === configuration.type ? value : undefined;
}

function declaredObject(data: JsonObject, configuration: ObjectLike): JsonObject {
  const kept: [string, Json][] = [];
  for (const [name, value] of Object.entries(data)) {
    const inner = declaredProperty(configuration, name);
    const shown = inner === undefined ? undefined : declaredValue(value, inner);
    if (shown !== undefined) kept.push([name, shown]);
  }
  return Object.fromEntries(kept);
}

function joined(changed: Json, stored: Json | undefined, configuration: TypeConfiguration): Json {
  if (configuration.type === 'object' && isJsonObject(changed) && isJsonObject(stored)) {
    return joinedObjects(changed, stored, configuration);
  }
  if (configuration.type === 'array' && Array.isArray(changed) && Array.isArray(stored)) {
    return joinedLists(changed, stored, configuration);
  }
  return changed;
}

function joinedObjects(changed: JsonObject, stored: JsonObject, configuration: ObjectLike): JsonObject {
  const undeclared = Object.entries(stored).filter(([name, value]) => {
    const inner = declaredProperty(configuration, name);
    return inner === undefined || declaredValue(value, inner) === undefined;
  });
  const declared = Object.entries(changed).map(([name, value]): [string, Json] => {
    const inner = declaredProperty(configuration, name);
    const before = Object.hasOwn(stored, name) ? stored[name] : undefined;
    return [name, inner === undefined ? value : joined(value, before, inner)];
  });
  return Object.fromEntries([...undeclared, ...declared]);
}

function joinedLists(changed: readonly Json[], stored: readonly Json[], configuration: ArrayConfiguration): Json {
  const items = itemsOf(configuration);
  const byId = new Map(stored.flatMap((item) => (isJsonObject(item) ? [[item.id, item] as const] : [])));
  const list = changed.map((item) => (isJsonObject(item) ? joined(item, byId.get(item.id), items) : item));
  // What is hidden goes where it was, so that an unchanged list stays as it is stored.
  for (const [index, item] of stored.entries()) {
    if (declaredValue(item, items) === undefined) list.splice(index, 0, item);
  }
  return list;
}
