// The part of a condition that needs nobody's own id: what holds by it, holds for every member of an access class.
import type { Condition } from './condition.ts';
import { all, any, never, related, some } from './condition.ts';

export function forAllMembers(condition: Condition): Condition {
  switch (condition.kind) {
    case 'all':
      return all(...condition.of.map(forAllMembers));
    case 'any':
      return any(...condition.of.map(forAllMembers));
    case 'some':
      return some(condition.relation, forAllMembers(condition.where));
    case 'related':
      return related(condition.relation, forAllMembers(condition.where));
    case 'own':
      return never;
    default:
      return condition;
  }
}

/** Whether the condition compares an own id of a member of an access class at all. */
export function comparesOwnId(condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some(comparesOwnId);
    case 'some':
    case 'related':
      return comparesOwnId(condition.where);
    default:
      return condition.kind === 'own';
  }
}

/** The relations that `matches` reads of a row, as a Prisma `include`. */
export function relationsReadBy(condition: Condition): Record<string, unknown> {
  return Object.fromEntries(Object.entries(readBy(condition)).filter(([, wanted]) => isSelection(wanted)));
}

/** The columns and relations that `matches` reads of a row, as a Prisma `select`. */
function readBy(condition: Condition): Record<string, unknown> {
  const parts = condition.kind === 'all' || condition.kind === 'any' ? condition.of : [condition];
  if (parts.length !== 1 || parts[0] !== condition) return parts.map(readBy).reduce(merged, {});
  switch (condition.kind) {
    case 'some':
    case 'related': {
      const select = readBy(condition.where);
      // At least a column, even where it is enough that there is such a row. Every model has `createdAt`.
      return { [condition.relation]: { select: { createdAt: true, ...select } } };
    }
    case 'in':
    case 'absent':
    case 'overlaps':
    case 'own':
      return { [condition.column]: true };
    default:
      return {};
  }
}

function merged(one: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
  const result = { ...one };
  for (const [name, wanted] of Object.entries(other)) {
    const known = result[name];
    result[name] = isSelection(known) && isSelection(wanted) ? { select: merged(known.select, wanted.select) } : wanted;
  }
  return result;
}

function isSelection(value: unknown): value is { select: Record<string, unknown> } {
  return typeof value === 'object' && value !== null;
}
