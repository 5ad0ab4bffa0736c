// Finds in the fetched data the objects that a plan's path leads to, and for the few that have an error, where they are.
import type { Path, Tree } from './tree.ts';
import { getOwn, isInherited, isTree } from './tree.ts';

/** The objects at the end of the path, without what is missing on the way. */
export function collectEntities(from: readonly Tree[], path: Path): readonly Tree[] {
  let level: readonly unknown[] = from;
  for (const step of path) level = step === '@' ? elementsOf(level) : valuesAt(level, String(step));
  return level.filter(isTree);
}

function valuesAt(level: readonly unknown[], key: string): unknown[] {
  const values: unknown[] = [];
  const inherited = isInherited(key);
  for (const tree of level) {
    if (!isTree(tree)) continue;
    const value = inherited ? getOwn(tree, key) : tree[key];
    if (value !== undefined && value !== null) values.push(value);
  }
  return values;
}

function elementsOf(level: readonly unknown[]): unknown[] {
  const elements: unknown[] = [];
  // Entities that were asked for once share their answer: its lists are walked once.
  const seen = new Set<unknown>();
  for (const list of level) {
    if (!Array.isArray(list) || seen.has(list)) continue;
    if (level.length > 1) seen.add(list);
    for (const element of list) if (element !== null && element !== undefined) elements.push(element);
  }
  return elements;
}

/** All places of each object at the end of the path, with the numbers of elements in place of `@`. */
export function locateEntities(root: Tree, path: Path): ReadonlyMap<Tree, readonly Path[]> {
  const places = new Map<Tree, Path[]>();
  const walk = (value: unknown, at: number, place: Path): void => {
    const step = path[at];
    if (value === null || value === undefined) return;
    if (step === undefined) {
      if (!isTree(value)) return;
      const known = places.get(value);
      if (known === undefined) places.set(value, [place]);
      else known.push(place);
    } else if (step === '@') {
      if (Array.isArray(value)) for (const [n, element] of value.entries()) walk(element, at + 1, [...place, n]);
    } else if (isTree(value)) {
      walk(getOwn(value, String(step)), at + 1, [...place, step]);
    }
  };
  walk(root, 0, []);
  return places;
}
