// Checks that indexes fit the properties of their schema, and tells what each is to be in the database.

import type { DataPath } from '../json/data-path.ts';
import { isListIndex, splitPath } from '../json/data-path.ts';
import { findQueryable } from '../queries/queryable-field.ts';
import type { SingleField } from '../queries/typed-value-sql.ts';
import { findSingleField } from '../queries/typed-value-sql.ts';
import { definitionFault } from '../schemas/definition-faults.ts';
import type { IndexDefinition } from '../schemas/index-shape.ts';
import { fieldNames, mostIndexes } from '../schemas/index-shape.ts';
import type { Properties } from '../schemas/type-configuration.ts';
import { findConfiguration } from '../schemas/type-configuration.ts';

/** A field that holds a list: indexed by what is in the list. */
export type ListField =
  | { readonly kind: 'idList'; readonly column: 'userIds' | 'groupIds' }
  | { readonly kind: 'list'; readonly path: DataPath };

export type IndexableField = SingleField | ListField;

/** Throws BAD_USER_INPUT naming the path below `field` where an index cannot be. */
export function requireFittingIndexes(
  indexes: readonly IndexDefinition[],
  properties: Properties,
  field: string,
): void {
  if (indexes.length > mostIndexes) throw definitionFault(field, `at most ${mostIndexes} are allowed.`);
  const seen = new Set<string>();
  let texts = 0;
  for (const [place, index] of indexes.entries()) {
    requireFittingIndex(index, properties, `${field}.${place}`);
    if (seen.size === seen.add(fieldNames(index)).size) {
      throw definitionFault(`${field}.${place}.fields`, 'another index has the same fields.');
    }
    texts += index.fields[0]?.type === 'text' ? 1 : 0;
    if (texts > 1) throw definitionFault(`${field}.${place}`, 'a schema has one index of texts at most.');
  }
}

/** What an index is made of; the field exists and can be indexed, which was checked when the definition was taken in. */
export function findIndexableField(name: string, properties: Properties): IndexableField | undefined {
  if (name === 'userIds' || name === 'groupIds') return { kind: 'idList', column: name };
  const single = findSingleField(name, properties);
  if (single !== undefined || !name.startsWith('data.')) return single;
  const path = splitPath(name).slice(1);
  const found = findConfiguration({ type: 'object', properties }, path);
  return found?.configuration.type === 'array' ? { kind: 'list', path } : undefined;
}

function requireFittingIndex({ fields, options = {} }: IndexDefinition, properties: Properties, field: string): void {
  const names = new Set<string>();
  for (const [place, { name, type }] of fields.entries()) {
    const at = `${field}.fields.${place}`;
    const found = requireIndexable(name, properties, `${at}.name`);
    if (names.size === names.add(name).size) throw definitionFault(`${at}.name`, 'stands in the index already.');
    if ((type === 'text') !== (fields[0]?.type === 'text')) {
      throw definitionFault(`${at}.type`, '`text` does not go with `asc` and `desc` in one index.');
    }
    if (type === 'text' && !isText(found)) throw definitionFault(`${at}.type`, '`text` is for strings.');
    if (isList(found) && fields.length > 1) throw definitionFault(`${at}.name`, 'a list is indexed by itself.');
    if (options.unique === true) requireUniquable(found, type, `${field}.options.unique`);
  }
}

function requireIndexable(name: string, properties: Properties, field: string): IndexableField {
  const found = findIndexableField(name, properties);
  if (found === undefined) {
    const declared =
      name.startsWith('data.') &&
      findConfiguration({ type: 'object', properties }, splitPath(name).slice(1)) !== undefined;
    throw definitionFault(
      field,
      declared ? 'an object cannot be indexed, only what is in it.' : `there is no field ${name} to index.`,
    );
  }
  if ('path' in found) findQueryable({ type: 'object', properties }, found.path, field);
  return found;
}

function requireUniquable(found: IndexableField, type: string, field: string): void {
  const inList = isList(found) || (found.kind === 'data' && found.path.some(isListIndex));
  if (inList) throw definitionFault(field, 'what stands in lists cannot be unique.');
  // Documents are often written in the same millisecond, and nobody could do anything about it.
  const isMoment = found.kind === 'column' && found.column.endsWith('At');
  if (isMoment) throw definitionFault(field, 'moments cannot be unique.');
  if (type === 'text') throw definitionFault(field, 'does not go with `text`.');
}

function isList(found: IndexableField): found is ListField {
  return found.kind === 'list' || found.kind === 'idList';
}

function isText(found: IndexableField): boolean {
  return found.kind === 'data' ? found.type === 'string' : found.kind === 'column' && found.column === 'status';
}
