// A condition as a predicate over a loaded row. The row must carry every column and relation that the condition
// names: a missing one is a bug in the caller and throws, it never silently allows or denies.
import { invariant } from '../errors.ts';
import type { TrackedId } from '../identity/tracked-id.ts';
import type { Condition } from './condition.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Of any member of an access class: what holds without the own id. Where that is not enough, notes who might see it. */
export function matches(condition: Condition, row: Row): boolean {
  const compared: Comparison[] = [];
  // Conditions only ever gain by the own id, so one that holds without it holds for all.
  if (holds(condition, row, compared)) return true;
  for (const { id, values } of compared) id.comparedWith(values);
  return false;
}

interface Comparison {
  readonly id: TrackedId;
  readonly values: readonly string[];
}

function holds(condition: Condition, row: Row, compared: Comparison[]): boolean {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'all':
      return condition.of.every((part) => holds(part, row, compared));
    case 'any':
      return condition.of.some((part) => holds(part, row, compared));
    case 'in':
      return condition.values.includes(read(row, condition.column) as string);
    case 'absent':
      return read(row, condition.column) === null;
    case 'overlaps':
      return (read(row, condition.column) as readonly string[]).some((value) => condition.values.includes(value));
    case 'some':
      return (read(row, condition.relation) as readonly Row[]).some((other) => holds(condition.where, other, compared));
    case 'related': {
      const other = read(row, condition.relation) as Row | null;
      return other !== null && holds(condition.where, other, compared);
    }
    case 'own': {
      const value = read(row, condition.column) as string | readonly string[] | null;
      compared.push({ id: condition.id, values: value === null ? [] : [value].flat() });
      return false;
    }
  }
}

function read(row: Row, name: string): unknown {
  const value = row[name];
  invariant(value !== undefined, `an access rule reads ${name}, which was not loaded`);
  return value;
}
