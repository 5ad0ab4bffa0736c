// Finds among the entities of a fetch those that are represented equally. Nearly always a few plain values tell entities
// apart (the type, an id): then they are looked up one after the other, and a representation is written only for the first
// of its kind. Where anything else is required, the written representation is the key.
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { compileRepresentation } from './representations.ts';
import type { Tree } from './tree.ts';
import { isInherited } from './tree.ts';
import type { TypeConditions } from './type-conditions.ts';
import { typenameOf } from './type-conditions.ts';

type Selections = readonly QueryPlanSelectionNode[];

/** Entities by their representation, as JSON text. */
export type DistinctEntities = ReadonlyMap<string, readonly Tree[]>;

export type FindDistinct = (entities: readonly Tree[]) => DistinctEntities;

/** Lookups by the type, then by one value after the other; at the end the entities found so far. */
type Level = Map<unknown, Level | Tree[]>;

export function compileFindDistinct(requires: Selections, types: TypeConditions): FindDistinct {
  const represent = compileRepresentation(requires, types);
  /** By type: names of the plain values that tell its entities apart; null where it takes more than that. */
  const known = new Map<string, readonly string[] | null>();
  const namesFor = (typename: string): readonly string[] | null => {
    const names = plainNames(requires, typename, types);
    if (types.isKnown(typename)) known.set(typename, names);
    return names;
  };

  return (entities) => {
    const found = new Map<string, Tree[]>();
    const add = (entity: Tree): Tree[] | undefined => {
      const text = represent(entity);
      if (text === null) return undefined;
      const same = found.get(text);
      if (same !== undefined) {
        same.push(entity);
        return same;
      }
      const own = [entity];
      found.set(text, own);
      return own;
    };
    const root: Level = new Map();
    for (const entity of entities) {
      const typename = typenameOf(entity);
      const names = typename === undefined ? null : (known.get(typename) ?? namesFor(typename));
      const place = names === null ? undefined : descend(root, entity, typename, names);
      if (place === undefined) {
        add(entity);
        continue;
      }
      const same = place.level.get(place.last);
      if (Array.isArray(same)) {
        same.push(entity);
        continue;
      }
      const own = add(entity);
      if (own !== undefined) place.level.set(place.last, own);
    }
    return found;
  };
}

/** Undefined where a value is missing, or is not a plain one. */
function descend(
  root: Level,
  entity: Tree,
  typename: string | undefined,
  names: readonly string[],
): { readonly level: Level; readonly last: unknown } | undefined {
  let level = root;
  let last: unknown = typename;
  for (const name of names) {
    const value = entity[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
    const next = level.get(last);
    if (next instanceof Map) level = next;
    else {
      const own: Level = new Map();
      level.set(last, own);
      level = own;
    }
    last = value;
  }
  return { level, last };
}

function plainNames(requires: Selections, typename: string, types: TypeConditions): readonly string[] | null {
  const applicable = requires.filter(
    (one) => one.kind === 'Field' || (one.typeCondition !== undefined && types.of(one.typeCondition)(typename)),
  );
  const [only] = applicable;
  if (applicable.length !== 1 || only?.kind !== 'InlineFragment') return null;
  const names: string[] = [];
  for (const selection of only.selections) {
    if (selection.kind !== 'Field' || selection.selections !== undefined) return null;
    const name = selection.alias ?? selection.name;
    // Read without a look at whose property it is.
    if (isInherited(name)) return null;
    if (name !== '__typename') names.push(name);
  }
  return names;
}
