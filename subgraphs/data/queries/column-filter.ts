// Conditions on the root fields of documents, which are columns: their values have fixed types and are checked.
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { invalidInput } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireText } from '../../../platform/text.ts';
import { findMoment } from '../json/moment.ts';
import { requireStorable } from '../json/plain-json.ts';
import type { FilterColumn, FilterNode } from './filter-node.ts';
import { always, filterColumns, negatedIf, never } from './filter-node.ts';
import type { Operator } from './filter-operators.ts';
import { requireValues } from './filter-operators.ts';

interface ColumnLeaves {
  readonly used: readonly Operator[];
  readonly field: string;
  /** Names the filter in a refusal. */
  readonly path: string;
}

export function columnLeaves(filter: DocumentFilter, { used, field, path }: ColumnLeaves): FilterNode[] {
  if (!isFilterColumn(field)) {
    const known = Object.keys(filterColumns).join(', ');
    throw invalidInput(`${path}.field`, `must be one of ${known}, or a path that begins with data.`);
  }
  return used.map((operator) => columnLeaf(filter, { operator, column: field, path: `${path}.${operator}` }));
}

interface ColumnLeaf {
  readonly operator: Operator;
  readonly column: FilterColumn;
  readonly path: string;
}

function columnLeaf(filter: DocumentFilter, { operator, column, path }: ColumnLeaf): FilterNode {
  const kind = filterColumns[column];
  const equals = (values: readonly unknown[], at: (index: number) => string): FilterNode => ({
    kind: 'columnEquals',
    column,
    values: values.flatMap((value, index) => columnValue(value, column, at(index))),
  });
  switch (operator) {
    case 'eq':
    case 'ne':
      return negatedIf(
        operator === 'ne',
        equals([filter[operator]], () => path),
      );
    case 'in':
    case 'out':
      return negatedIf(
        operator === 'out',
        equals(requireValues(filter[operator], path), (index) => `${path}.${index}`),
      );
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le': {
      if (kind !== 'text' && kind !== 'moment') throw invalidInput(path, `${column} has no order.`);
      const [value] = columnValue(filter[operator], column, path);
      return value === undefined ? never : { kind: 'columnCompares', column, operator, value };
    }
    case 'like':
      if (kind !== 'text') throw invalidInput(path, `${column} is not text.`);
      return { kind: 'columnLike', column, text: requireText(filter.like ?? '', path, { most: 1_000 }) };
    case 'present':
      return filter.present ? always : never;
    case 'contains':
    case 'excludes':
      throw invalidInput(path, `is for lists of objects in the data, which ${column} is not.`);
  }
}

/** The value as the column holds it; nothing when the column cannot hold it. */
function columnValue(given: unknown, column: FilterColumn, path: string): string[] {
  const kind = filterColumns[column];
  const value = given instanceof Date ? given.toISOString() : given;
  if (value === null) return [];
  if (kind === 'text') return typeof value === 'string' ? [requireStorable(value, path)] : [];
  if (kind !== 'moment') return [requireId(typeof value === 'string' ? value : '', path)];
  const moment = typeof value === 'string' ? findMoment(value) : undefined;
  if (moment === undefined) throw invalidInput(path, 'must be a moment in ISO 8601.');
  return [moment];
}

function isFilterColumn(field: string): field is FilterColumn {
  return Object.hasOwn(filterColumns, field);
}
