// What is different between two states of a schema, part by part.
import { isDeepStrictEqual } from 'node:util';
import type { DocumentSchemaModel } from '../models.ts';
import { fieldNames } from './index-shape.ts';
import type { SchemaDefinition } from './schema-definition.ts';

export interface SchemaChange {
  /** `definition.properties.mmol`, `definition.transitions.review`, `name`. */
  readonly path: string;
  readonly kind: 'ADDED' | 'CHANGED' | 'REMOVED';
}

type State = Pick<DocumentSchemaModel, 'name' | 'description' | 'definition' | 'disabled'>;

/** A part of a schema: what tells it apart from others, and where it is. */
interface Part {
  readonly key: string;
  readonly path: string;
  readonly value: unknown;
}

const wholeKeys = [
  'creationTransition',
  'createMode',
  'readMode',
  'updateMode',
  'deleteMode',
  'groupSyncMode',
  'defaultLimit',
  'maximumLimit',
] as const satisfies readonly (keyof SchemaDefinition)[];

export function schemaChanges(before: State, after: State): readonly SchemaChange[] {
  const earlier = new Map(partsOf(before).map((part) => [part.key, part]));
  const later = new Map(partsOf(after).map((part) => [part.key, part]));
  const changed = [...later.values()].flatMap(({ key, path, value }): SchemaChange[] => {
    const known = earlier.get(key);
    if (known === undefined) return [{ path, kind: 'ADDED' }];
    return isDeepStrictEqual(known.value, value) ? [] : [{ path, kind: 'CHANGED' }];
  });
  const removed = [...earlier.values()].flatMap(({ key, path }): SchemaChange[] =>
    later.has(key) ? [] : [{ path, kind: 'REMOVED' }],
  );
  return [...changed, ...removed, ...reordered(before, after)];
}

function partsOf({ name, description, disabled, definition }: State): Part[] {
  const part = (path: string, value: unknown): Part => ({ key: path, path, value });
  const each = (path: string, values: object) =>
    Object.entries(values).map(([inner, value]) => part(`${path}.${inner}`, value));
  return [
    part('name', name),
    part('description', description),
    part('disabled', disabled),
    ...each('definition.properties', definition.properties),
    ...each('definition.statuses', definition.statuses),
    ...wholeKeys.map((key) => part(`definition.${key}`, definition[key])),
    ...definition.transitions.map((transition) => ({
      key: transition.id,
      path: `definition.transitions.${transition.name}`,
      value: transition,
    })),
    ...definition.indexes.map((index) => part(`definition.indexes.${fieldNames(index)}`, index)),
  ];
}

/** Transitions are tried in their order, so it is a part of the schema, too. */
function reordered(before: State, after: State): SchemaChange[] {
  const ids = (state: State, other: State) => {
    const known = new Set(other.definition.transitions.map(({ id }) => id));
    return state.definition.transitions.map(({ id }) => id).filter((id) => known.has(id));
  };
  return isDeepStrictEqual(ids(before, after), ids(after, before))
    ? []
    : [{ path: 'definition.transitions', kind: 'CHANGED' }];
}
