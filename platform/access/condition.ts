// Conditions on a row, as data. An entity's `visible` rule is a function from identity to such a condition; three
// interpreters read it: a Prisma `where`, a SQL fragment, and a predicate over a loaded row. So what a list
// filters by and what a single read checks is one rule.
import type { Identity } from '../identity/identity.ts';
import type { TrackedId } from '../identity/tracked-id.ts';

export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  /** The column holds one of these values. */
  | { readonly kind: 'in'; readonly column: string; readonly values: readonly string[] }
  /** The column is null. */
  | { readonly kind: 'absent'; readonly column: string }
  /** The array column shares an element with these values. */
  | { readonly kind: 'overlaps'; readonly column: string; readonly values: readonly string[] }
  /** Some related row meets the condition. Only for entities that are read through Prisma. */
  | { readonly kind: 'some'; readonly relation: string; readonly where: Condition }
  /** A related row is there (always, where the relation is required) and meets the condition. */
  | { readonly kind: 'related'; readonly relation: string; readonly where: Condition }
  /** The column holds, or as an array contains, the own id of a viewer who is any member of an access class. */
  | { readonly kind: 'own'; readonly column: string; readonly id: TrackedId };

export const always: Condition = { kind: 'always' };
export const never: Condition = { kind: 'never' };

export function all(...of: readonly Condition[]): Condition {
  if (of.some((part) => part.kind === 'never')) return never;
  const parts = of.filter((part) => part.kind !== 'always');
  return parts.length === 0 ? always : parts.length === 1 ? (parts[0] as Condition) : { kind: 'all', of: parts };
}

export function any(...of: readonly Condition[]): Condition {
  if (of.some((part) => part.kind === 'always')) return always;
  const parts = of.filter((part) => part.kind !== 'never');
  return parts.length === 0 ? never : parts.length === 1 ? (parts[0] as Condition) : { kind: 'any', of: parts };
}

/** The column equals the value; never when there is no value, as for somebody who is not signed in. */
export function equals(column: string, value: string | undefined): Condition {
  return value === undefined ? never : { kind: 'in', column, values: [value] };
}

/**
 * The column holds the viewer's own id. Rules are written with this instead of `equals('…', identity.userId)`: so one
 * answer serves all viewers that it holds for (platform/identity/access-class.ts).
 */
export function isOwn(column: string, identity: Identity): Condition {
  if (identity.tracked !== undefined) return { kind: 'own', column, id: identity.tracked };
  return equals(column, identity.userId);
}

/** The array column contains the viewer's own id. */
export function includesOwn(column: string, identity: Identity): Condition {
  if (identity.tracked !== undefined) return { kind: 'own', column, id: identity.tracked };
  return overlaps(column, identity.userId === undefined ? [] : [identity.userId]);
}

export function isIn(column: string, values: Iterable<string>): Condition {
  const list = [...values];
  return list.length === 0 ? never : { kind: 'in', column, values: list };
}

export function absent(column: string): Condition {
  return { kind: 'absent', column };
}

export function overlaps(column: string, values: Iterable<string>): Condition {
  const list = [...values];
  return list.length === 0 ? never : { kind: 'overlaps', column, values: list };
}

export function some(relation: string, where: Condition): Condition {
  return where.kind === 'never' ? never : { kind: 'some', relation, where };
}

export function related(relation: string, where: Condition): Condition {
  return where.kind === 'never' ? never : { kind: 'related', relation, where };
}

/**
 * The same condition with `always`, `never` and empty lists resolved, however it was put together: within a larger
 * `where` Prisma leaves empty parts out, which would decide otherwise.
 */
export function simplified(condition: Condition): Condition {
  switch (condition.kind) {
    case 'all':
      return all(...condition.of.map(simplified));
    case 'any':
      return any(...condition.of.map(simplified));
    case 'some':
      return some(condition.relation, simplified(condition.where));
    case 'related':
      return related(condition.relation, simplified(condition.where));
    case 'in':
    case 'overlaps':
      return condition.values.length === 0 ? never : condition;
    default:
      return condition;
  }
}
