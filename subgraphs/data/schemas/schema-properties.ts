// Properties of a schema, one by one: by their paths, which lead through objects, and through lists to the objects in
// them.
import { AppError } from '../../../platform/errors.ts';
import { readAt, removeAt, splitPath, writeAt } from '../json/data-path.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import type { ChangedSchema } from './change-schema.ts';
import { definitionFault } from './definition-faults.ts';
import type { Edit, EditRequest } from './edit-definition.ts';
import { editDefinition } from './edit-definition.ts';
import type { SchemaDefinition } from './schema-definition.ts';
import type { Properties, TypeConfiguration } from './type-configuration.ts';
import { isChosenName } from './type-configuration-shape.ts';

export interface PropertyPlace extends EditRequest {
  readonly path: string;
}

export interface GivenProperty extends PropertyPlace {
  readonly configuration: unknown;
}

/** ALREADY_EXISTS when the path is declared, NOT_FOUND when there is no object to declare it in. */
export function createSchemaProperty(given: GivenProperty, parts: DataParts): Promise<ChangedSchema> {
  return editDefinition(parts, given, (definition) => {
    const place = requirePlace(definition, given.path);
    if (isDeclared(definition, place)) {
      const details = { field: 'input.path', code: 17 };
      throw new AppError('ALREADY_EXISTS', `input.path: the schema declares ${given.path} already.`, details);
    }
    return editAt(definition, place, given.configuration);
  });
}

/** NOT_FOUND when the path is not declared. */
export function updateSchemaProperty(given: GivenProperty, parts: DataParts): Promise<ChangedSchema> {
  return editDefinition(parts, given, (definition) =>
    editAt(definition, requireDeclared(definition, given.path), given.configuration),
  );
}

/** NOT_FOUND when the path is not declared. The object around it requires it no longer, either. */
export function deleteSchemaProperty(given: PropertyPlace, parts: DataParts): Promise<ChangedSchema> {
  return editDefinition(parts, given, (definition) => {
    const place = requireDeclared(definition, given.path);
    const required = readAt(asJson(definition), requiredAt(place));
    const name = place.at(-1);
    const without = removeAt(asJson(definition), place);
    const changed = Array.isArray(required)
      ? writeAt(
          without,
          requiredAt(place),
          required.filter((other) => other !== name),
        )
      : without;
    return { definition: asDefinition(changed), at: place.join('.'), field: 'input.path' };
  });
}

/** Where the declaration is in the definition: names of keys. */
type Place = readonly string[];

function editAt(definition: SchemaDefinition, place: Place, configuration: unknown): Edit {
  return {
    definition: asDefinition(writeAt(asJson(definition), place, configuration as JsonObject)),
    at: place.join('.'),
    field: 'input.configuration',
  };
}

function requireDeclared(definition: SchemaDefinition, path: string): Place {
  const place = requirePlace(definition, path);
  if (!isDeclared(definition, place)) throw notDeclared(path);
  return place;
}

function requirePlace({ properties }: SchemaDefinition, path: string): Place {
  const names = splitPath(path);
  if (path.length > 2_500 || !names.every(isChosenName)) {
    throw definitionFault('input.path', 'must be names of properties, joined by dots.');
  }
  const place: string[] = ['properties'];
  let inside: Properties | undefined = properties;
  for (const name of names.slice(0, -1)) {
    place.push(name);
    let configuration: TypeConfiguration | undefined =
      inside !== undefined && Object.hasOwn(inside, name) ? inside[name] : undefined;
    while (configuration?.type === 'array') {
      place.push('items');
      configuration = configuration.items;
    }
    if (configuration?.type !== 'object') throw notDeclared(path);
    place.push('properties');
    inside = configuration.properties;
  }
  return [...place, names.at(-1) as string]; // splitting gives one name at least
}

function isDeclared(definition: SchemaDefinition, place: Place): boolean {
  return readAt(asJson(definition), place) !== undefined;
}

/** What the object around the property requires. */
function requiredAt(place: Place): Place {
  return [...place.slice(0, -2), 'required'];
}

function notDeclared(path: string): AppError {
  const message = `input.path: the schema does not declare ${path.slice(0, 100)}, or no object to hold it.`;
  return new AppError('NOT_FOUND', message, { field: 'input.path', code: 16 });
}

/** A definition is plain JSON, which its type only says part by part. */
function asJson(definition: SchemaDefinition): JsonObject {
  return definition as unknown as JsonObject;
}

function asDefinition(json: JsonObject): Edit['definition'] {
  return json as unknown as Edit['definition'];
}
