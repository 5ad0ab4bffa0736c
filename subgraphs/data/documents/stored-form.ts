// The form in which data is stored: moments in UTC, and an id in every object inside a list. Takes data that conforms
// to its configuration; storing again what is stored changes nothing.
import { newId } from '../../../platform/ids.ts';
import { findMoment } from '../json/moment.ts';
import type { Json, JsonObject } from '../json/plain-json.ts';
import { isJsonObject } from '../json/plain-json.ts';
import type { Properties, TypeConfiguration } from '../schemas/type-configuration.ts';

export function storedForm(data: JsonObject, properties: Properties): JsonObject {
  return objectForm(data, { type: 'object', properties });
}

function form(value: Json, configuration: TypeConfiguration | undefined): Json {
  if (typeof value === 'string') return isMoment(configuration) ? (findMoment(value) ?? value) : value;
  if (Array.isArray(value)) {
    const items = configuration?.type === 'array' ? configuration.items : undefined;
    return withIds(value.map((item) => form(item, items)));
  }
  return isJsonObject(value) ? objectForm(value, configuration) : value;
}

function objectForm(data: JsonObject, configuration: TypeConfiguration | undefined): JsonObject {
  const { properties = {}, additionalProperties } = configuration?.type === 'object' ? configuration : {};
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      form(value, Object.hasOwn(properties, name) ? properties[name] : additionalProperties),
    ]),
  );
}

/** An object that came with an id keeps it, the first that has it; so a list read, changed and written back keeps its ids. */
function withIds(items: readonly Json[]): Json[] {
  const taken = new Set<Json>();
  return items.map((item) => {
    if (!isJsonObject(item)) return item;
    const given = Object.hasOwn(item, 'id') ? item.id : undefined;
    const id = typeof given === 'string' && !taken.has(given) ? given : newId();
    taken.add(id);
    return { ...item, id };
  });
}

function isMoment(configuration: TypeConfiguration | undefined): boolean {
  return configuration?.type === 'string' && configuration.format === 'date-time';
}
