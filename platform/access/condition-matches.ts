// A condition as a predicate over a loaded row. The row must carry every column and relation that the condition
// names: a missing one is a bug in the caller and throws, it never silently allows or denies.
import { invariant } from '../errors.ts';
import type { Condition } from './condition.ts';

export type Row = Readonly<Record<string, unknown>>;

export function matches(condition: Condition, row: Row): boolean {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'all':
      return condition.of.every((part) => matches(part, row));
    case 'any':
      return condition.of.some((part) => matches(part, row));
    case 'in':
      return condition.values.includes(read(row, condition.column) as string);
    case 'absent':
      return read(row, condition.column) === null;
    case 'overlaps':
      return (read(row, condition.column) as readonly string[]).some((value) => condition.values.includes(value));
    case 'some':
      return (read(row, condition.relation) as readonly Row[]).some((other) => matches(condition.where, other));
    case 'related': {
      const other = read(row, condition.relation) as Row | null;
      return other !== null && matches(condition.where, other);
    }
  }
}

function read(row: Row, name: string): unknown {
  const value = row[name];
  invariant(value !== undefined, `an access rule reads ${name}, which was not loaded`);
  return value;
}
