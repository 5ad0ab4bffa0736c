// Takes in filters of documents: from the typed input to a tree that knows what a schema declares. Compiling the tree
// to SQL is filter-sql.ts's business.
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { invalidInput } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { DataPath } from '../json/data-path.ts';
import { splitPath } from '../json/data-path.ts';
import { findMoment } from '../json/moment.ts';
import { requireStorable } from '../json/plain-json.ts';
import type { Properties, TypeConfiguration } from '../schemas/type-configuration.ts';
import { itemsOf } from '../schemas/type-configuration.ts';
import { columnLeaves } from './column-filter.ts';
import type { FilterNode, Scalar } from './filter-node.ts';
import { negatedIf, never } from './filter-node.ts';
import type { Operator } from './filter-operators.ts';
import { requireValues, usedOperators } from './filter-operators.ts';
import { findQueryable } from './queryable-field.ts';
import { singleType } from './typed-value-sql.ts';

const deepest = 10;
const mostConditions = 100;
const longestField = 500;
const longestLike = 1_000;

/** Where a filter's fields count from, and how much of it was read. */
interface Reading {
  /** What the fields are fields of. */
  readonly root: TypeConfiguration;
  /** Fields count from an element of a list, not from the document. */
  readonly inElement: boolean;
  readonly depth: number;
  readonly seen: { conditions: number };
}

/** The tree, or BAD_USER_INPUT naming the place at fault below `path`. */
export function readFilter(filter: DocumentFilter, properties: Properties, path: string): FilterNode {
  const root: TypeConfiguration = { type: 'object', properties };
  return readNode(filter, { root, inElement: false, depth: 1, seen: { conditions: 0 } }, path);
}

/** The same for an object in a list: fields count from the object, which is declared so. */
export function readItemFilter(filter: DocumentFilter, declared: TypeConfiguration, path: string): FilterNode {
  return readNode(filter, { root: declared, inElement: true, depth: 1, seen: { conditions: 0 } }, path);
}

/** The typed filter of a list, and what its RQL says: both must hold. */
export function readFilters(
  filter: DocumentFilter | null | undefined,
  rql: FilterNode | undefined,
  properties: Properties,
): FilterNode {
  return { kind: 'all', of: [...(filter ? [readFilter(filter, properties, 'filter')] : []), ...(rql ? [rql] : [])] };
}

function readNode(filter: DocumentFilter, reading: Reading, path: string): FilterNode {
  if (reading.depth > deepest) throw invalidInput(path, `filters must not be nested deeper than ${deepest}.`);
  count(reading, path);
  const inner: Reading = { ...reading, depth: reading.depth + 1 };
  const { and, or, not } = filter;
  const parts: FilterNode[] = [...readLeaves(filter, reading, path)];
  if (and) parts.push(...and.map((part, index) => readNode(part, inner, `${path}.and.${index}`)));
  if (or) parts.push({ kind: 'any', of: or.map((part, index) => readNode(part, inner, `${path}.or.${index}`)) });
  if (not) parts.push({ kind: 'not', of: readNode(not, inner, `${path}.not`) });
  return { kind: 'all', of: parts };
}

function readLeaves(filter: DocumentFilter, reading: Reading, path: string): FilterNode[] {
  const used = usedOperators(filter);
  const field = filter.field ?? undefined;
  if (field === undefined) {
    if (used.length === 0) return [];
    throw invalidInput(`${path}.field`, `say which field \`${used[0]}\` is about.`);
  }
  requireText(field, `${path}.field`, { most: longestField });
  for (const _ of used) count(reading, path);
  if (reading.inElement) return dataLeaves(filter, { used, reading, dataPath: splitPath(field), path });
  if (field.startsWith('data.')) {
    return dataLeaves(filter, { used, reading, dataPath: splitPath(field).slice(1), path });
  }
  return columnLeaves(filter, { used, field, path });
}

interface Leaves {
  readonly used: readonly Operator[];
  readonly reading: Reading;
  readonly dataPath: DataPath;
  readonly path: string;
}

function dataLeaves(filter: DocumentFilter, { used, reading, dataPath, path }: Leaves): FilterNode[] {
  const declared = findQueryable(reading.root, dataPath, `${path}.field`);
  if (declared === undefined) return used.length === 0 ? [] : [never];
  return used.map((operator) => dataLeaf(filter, { operator, declared, reading, dataPath, path }));
}

interface Leaf extends Omit<Leaves, 'used'> {
  readonly operator: Operator;
  readonly declared: TypeConfiguration;
}

function dataLeaf(filter: DocumentFilter, leaf: Leaf): FilterNode {
  const { operator, declared, dataPath } = leaf;
  const at = { path: dataPath, single: singleType(declared) };
  const path = `${leaf.path}.${operator}`;
  switch (operator) {
    case 'eq':
    case 'ne':
      return negatedIf(operator === 'ne', {
        kind: 'equals',
        ...at,
        values: known([requireScalar(filter[operator], declared, path)]),
      });
    case 'in':
    case 'out':
      return negatedIf(operator === 'out', {
        kind: 'equals',
        ...at,
        values: known(
          requireValues(filter[operator], path).map((value, index) =>
            requireScalar(value, declared, `${path}.${index}`),
          ),
        ),
      });
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le': {
      const value = requireScalar(filter[operator], declared, path);
      if (value === undefined) return never;
      if (typeof value !== 'number' && typeof value !== 'string') throw invalidInput(path, 'must be a number or text.');
      return { kind: 'compares', ...at, operator, value };
    }
    case 'like':
      return { kind: 'like', ...at, text: requireText(filter.like ?? '', path, { most: longestLike }) };
    case 'present':
      return negatedIf(filter.present === false, { kind: 'present', path: dataPath });
    case 'contains':
    case 'excludes': {
      const where = readElement(filter[operator] ?? {}, leaf, path);
      return negatedIf(operator === 'excludes', { kind: 'element', path: dataPath, where });
    }
  }
}

function readElement(filter: DocumentFilter, { declared, reading }: Leaf, path: string): FilterNode {
  const root: TypeConfiguration = declared.type === 'array' ? itemsOf(declared) : { type: 'object' };
  return readNode(filter, { ...reading, root, inElement: true, depth: reading.depth + 1 }, path);
}

/**
 * A value to compare with. A moment gets the form in which moments are stored; a Date, which RQL has where it reads
 * one, is like nothing (undefined) where the schema declares something else.
 */
function requireScalar(value: unknown, declared: TypeConfiguration, path: string): Scalar | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const single = declared.type === 'array' ? declared.items : declared;
  const isMoment = single.type === 'string' && single.format === 'date-time';
  if (value instanceof Date) return isMoment ? value.toISOString() : undefined;
  if (typeof value !== 'string') throw invalidInput(path, 'must be text, a number, true, false or null.');
  requireStorable(value, path);
  return isMoment ? (findMoment(value) ?? value) : value;
}

function known(values: readonly (Scalar | undefined)[]): Scalar[] {
  return values.filter((value) => value !== undefined);
}

function count(reading: Reading, path: string): void {
  reading.seen.conditions += 1;
  if (reading.seen.conditions > mostConditions) {
    throw invalidInput(path, `at most ${mostConditions} conditions are allowed in one filter.`);
  }
}
