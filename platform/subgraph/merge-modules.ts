// Puts the modules of a larger service together: their resolvers and permissions become one map each. Two modules that
// answer the same field are a mistake that stops the start, where a spread would silently let the last one win.
import type { AccessRule, PermissionMap } from '../access/shield.ts';
import { invariant } from '../errors.ts';

/** The resolver maps as one, of the same type: the generated `Resolvers` of the service. */
export function mergeResolvers<R extends object>(...parts: readonly R[]): R {
  const merged: Record<string, unknown> = {};
  for (const part of parts) {
    for (const [type, fields] of Object.entries(part)) {
      const known = merged[type];
      if (known === undefined) merged[type] = fields;
      else merged[type] = mergeFields({ type, what: 'resolvers' }, known, fields);
    }
  }
  return merged as R;
}

/** The permission maps as one. */
export function mergePermissions(...parts: readonly PermissionMap[]): PermissionMap {
  const merged: Record<string, Readonly<Record<string, AccessRule>>> = {};
  for (const part of parts) {
    for (const [type, fields] of Object.entries(part)) {
      merged[type] = mergeFields({ type, what: 'permissions' }, merged[type] ?? {}, fields);
    }
  }
  return merged;
}

interface Place {
  readonly type: string;
  readonly what: string;
}

function mergeFields<F>({ type, what }: Place, known: F, added: F): F {
  invariant(isPlain(known) && isPlain(added), `two modules have ${what} for ${type}, which has no fields`);
  for (const field of Object.keys(added)) {
    invariant(!Object.hasOwn(known, field), `two modules have ${what} for ${type}.${field}`);
  }
  return { ...known, ...added };
}

/** Neither a scalar nor a function: those cannot be put together. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
