// Compiles a filter's tree to SQL on documents `d`. Every value and every segment of a path is a bound parameter. A
// piece of SQL may be NULL where its node is false, so that an index can serve it; `not` takes NULL for false.
import { Prisma } from '../../../generated/prisma/client.ts';
import { columnSql } from './column-filter-sql.ts';
import type { FilterNode, Scalar } from './filter-node.ts';
import { anyOf, comparisonSql, likePattern } from './filter-parts-sql.ts';
import type { SingleType } from './typed-value-sql.ts';
import { boundValue, boundValues, foldedText, jsonAt, typedValue } from './typed-value-sql.ts';

type Sql = Prisma.Sql;

export function filterSql(node: FilterNode): Sql {
  return compile(node, { json: Prisma.raw('d.data'), depth: 0 });
}

/** The JSON that paths count from. Elements of lists inside each other need names of their own. */
interface Base {
  readonly json: Sql;
  readonly depth: number;
}

function compile(node: FilterNode, base: Base): Sql {
  switch (node.kind) {
    case 'all':
      if (node.of.length === 0) return Prisma.sql`TRUE`;
      return Prisma.sql`(${Prisma.join(
        node.of.map((part) => compile(part, base)),
        ' AND ',
      )})`;
    case 'any':
      return anyOf(node.of.map((part) => compile(part, base)));
    case 'not':
      return Prisma.sql`(${compile(node.of, base)} IS NOT TRUE)`;
    case 'columnEquals':
    case 'columnCompares':
    case 'columnLike':
      return columnSql(node);
    default:
      return dataSql(node, jsonAt(node.path, base.json), base);
  }
}

type DataNode = Extract<FilterNode, { kind: 'present' | 'equals' | 'compares' | 'like' | 'element' }>;

function dataSql(node: DataNode, value: Sql, { depth }: Base): Sql {
  switch (node.kind) {
    case 'present':
      return Prisma.sql`(${value} IS NOT NULL)`;
    case 'equals':
      return anyOf([
        ...(node.values.includes(null) ? [Prisma.sql`${value} IS NULL`] : []),
        ...equalsSql(node.values, value, node.single),
      ]);
    case 'compares': {
      const type = typeof node.value === 'number' ? 'number' : 'string';
      const test = (json: Sql) => comparisonSql(typedValue(json, type), node.operator, boundValue(node.value, type));
      if (node.single !== undefined) return node.single === type ? test(value) : Prisma.sql`FALSE`;
      return ofItems(value, test);
    }
    case 'like': {
      const pattern = likePattern(node.text);
      const test = (json: Sql) => Prisma.sql`(${foldedText(json)} LIKE ${pattern})`;
      if (node.single !== undefined) return node.single === 'string' ? test(value) : Prisma.sql`FALSE`;
      return ofItems(value, test);
    }
    case 'element': {
      const item = Prisma.raw(`e${depth}.item`);
      const where = compile(node.where, { json: item, depth: depth + 1 });
      return Prisma.sql`EXISTS (
        SELECT FROM jsonb_array_elements(${listOf(value)}) AS ${Prisma.raw(`e${depth}(item)`)}
        WHERE jsonb_typeof(${item}) = 'object' AND ${where})`;
    }
  }
}

/** That the value is one of these; or, where no single type is declared, a list with one of them. */
function equalsSql(values: readonly Scalar[], value: Sql, single: SingleType | undefined): Sql[] {
  if (single === undefined) {
    // In jsonb a list contains (`@>`) a scalar that is one of its items, and a scalar contains its equal.
    return values.map((one) => Prisma.sql`${value} @> ${JSON.stringify(one)}::text::jsonb`);
  }
  const typed = typedValue(value, single);
  const fitting = values.filter((one) => one !== null && typeof one === single) as (string | number | boolean)[];
  const [first] = fitting;
  return [
    ...(values.includes(null) ? [Prisma.sql`${value} = 'null'::jsonb`] : []),
    ...(first !== undefined && fitting.length === 1 ? [Prisma.sql`${typed} = ${boundValue(first, single)}`] : []),
    ...(fitting.length > 1 ? [Prisma.sql`${typed} = ANY(${boundValues(fitting, single)})`] : []),
  ];
}

/** True when the value passes the test, or is a list with an item that does. */
function ofItems(value: Sql, test: (json: Sql) => Sql): Sql {
  return Prisma.sql`CASE jsonb_typeof(${value})
    WHEN 'array' THEN EXISTS (SELECT FROM jsonb_array_elements(${listOf(value)}) AS i(item) WHERE ${test(Prisma.raw('i.item'))})
    ELSE ${test(value)} END`;
}

/** No list is an empty one, for what takes lists only. */
function listOf(value: Sql): Sql {
  return Prisma.sql`CASE jsonb_typeof(${value}) WHEN 'array' THEN ${value} ELSE '[]'::jsonb END`;
}
