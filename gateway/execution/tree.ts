// What is fetched, as a tree of plain objects that subgraphs have answered. Response keys are chosen by clients, so that
// one such as `__proto__` must be a key like any other: never read from, and never set as, a prototype.

export type Tree = Record<string, unknown>;

/** Steps into a tree: keys of objects, and in a plan `@` for every element of a list. */
export type Path = readonly (string | number)[];

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether plain objects inherit something of this name. */
export function isInherited(key: string): boolean {
  return key in Object.prototype;
}

export function getOwn(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

export function setOwn(tree: Tree, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(tree, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    tree[key] = value;
  }
}

/** Merges deeply into the target. What the target lacks is adopted, not copied. */
export function mergeInto(target: Tree, source: Tree): void {
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value === undefined) continue;
    const present = getOwn(target, key);
    if (present === undefined || present === null) setOwn(target, key, value);
    else if (present !== value) setOwn(target, key, mergeValues(present, value));
  }
}

function mergeValues(present: unknown, value: unknown): unknown {
  if (isTree(present) && isTree(value)) {
    mergeInto(present, value);
    return present;
  }
  if (Array.isArray(present) && Array.isArray(value) && present.length === value.length) {
    for (const [at, element] of value.entries()) {
      const own: unknown = present[at];
      if (own === element) continue;
      // Lists in lists hold the same objects in the same places, too.
      present[at] = own === null || own === undefined ? element : mergeValues(own, element);
    }
    return present;
  }
  return value;
}

/** For a second place in which the same answer must not be the same object. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  // Custom scalars of a subgraph in this process may be objects with a class.
  if (!isTree(value) || ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return value;
  const copy: Tree = {};
  for (const key of Object.keys(value)) setOwn(copy, key, copyOf(value[key]));
  return copy as T;
}
