// Compiles a filter's tree to SQL on documents `d`. Every value and every segment of a path is a bound parameter, and
// every piece of SQL is true or false, never null.
import { Prisma } from '../../generated/prisma/client.ts';
import type { DataPath } from './data-path.ts';
import { documentColumns } from './document-columns.ts';
import type { Comparison, FilterNode } from './filter-node.ts';
import { filterColumns } from './filter-node.ts';

type Sql = Prisma.Sql;

const comparisons: Readonly<Record<Comparison, Sql>> = {
  gt: Prisma.raw('>'),
  ge: Prisma.raw('>='),
  lt: Prisma.raw('<'),
  le: Prisma.raw('<='),
};

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
      return joined(node.of, ' AND ', base) ?? Prisma.sql`TRUE`;
    case 'any':
      return joined(node.of, ' OR ', base) ?? Prisma.sql`FALSE`;
    case 'not':
      return Prisma.sql`(NOT ${compile(node.of, base)})`;
    case 'columnEquals':
    case 'columnCompares':
    case 'columnLike':
      return columnSql(node);
    default:
      return dataSql(node, at(base.json, node.path), base);
  }
}

function joined(parts: readonly FilterNode[], word: ' AND ' | ' OR ', base: Base): Sql | undefined {
  if (parts.length === 0) return undefined;
  return Prisma.sql`(${Prisma.join(
    parts.map((part) => compile(part, base)),
    word,
  )})`;
}

type ColumnNode = Extract<FilterNode, { kind: `column${string}` }>;

function columnSql(node: ColumnNode): Sql {
  const column = Prisma.raw(documentColumns[node.column]);
  if (node.kind === 'columnLike') return Prisma.sql`(${column} ILIKE ${likePattern(node.text)})`;
  const kind = filterColumns[node.column];
  if (node.kind === 'columnCompares') {
    const operator = comparisons[node.operator];
    if (kind === 'moment') return Prisma.sql`(${column} ${operator} ${node.value}::text::timestamptz)`;
    return Prisma.sql`(${column} COLLATE "C" ${operator} ${node.value}::text)`;
  }
  if (kind === 'ids') return Prisma.sql`(${column} && ${node.values}::uuid[])`;
  if (kind === 'id') return Prisma.sql`(${column} = ANY(${node.values}::uuid[]))`;
  if (kind === 'moment') return Prisma.sql`(${column} = ANY(${node.values}::text[]::timestamptz[]))`;
  return Prisma.sql`(${column} = ANY(${node.values}::text[]))`;
}

type DataNode = Exclude<FilterNode, ColumnNode | { kind: 'all' | 'any' | 'not' }>;

function dataSql(node: DataNode, value: Sql, { depth }: Base): Sql {
  switch (node.kind) {
    case 'present':
      return Prisma.sql`(${value} IS NOT NULL)`;
    case 'equals': {
      // In jsonb a list contains (`@>`) a scalar that is one of its items, and a scalar contains its equal.
      const literals = node.values.map((literal) => JSON.stringify(literal));
      const equal = Prisma.sql`COALESCE(${value} @> ANY(${literals}::text[]::jsonb[]), FALSE)`;
      return node.values.includes(null) ? Prisma.sql`(${value} IS NULL OR ${equal})` : equal;
    }
    case 'compares': {
      const operator = comparisons[node.operator];
      return typeof node.value === 'number'
        ? anyOfType(
            'number',
            value,
            (json) => Prisma.sql`${json} ${operator} ${JSON.stringify(node.value)}::text::jsonb`,
          )
        : anyOfType(
            'string',
            value,
            (json) => Prisma.sql`(${json} #>> '{}') COLLATE "C" ${operator} ${node.value}::text`,
          );
    }
    case 'like':
      return anyOfType(
        'string',
        value,
        // A collation that every PostgreSQL has, for the database's own may know the case of a to z only.
        (json) => Prisma.sql`(${json} #>> '{}') COLLATE "und-x-icu" ILIKE ${likePattern(node.text)}`,
      );
    case 'element': {
      const item = Prisma.raw(`e${depth}.item`);
      const list = Prisma.sql`CASE jsonb_typeof(${value}) WHEN 'array' THEN ${value} ELSE '[]'::jsonb END`;
      const where = compile(node.where, { json: item, depth: depth + 1 });
      return Prisma.sql`EXISTS (
        SELECT FROM jsonb_array_elements(${list}) AS ${Prisma.raw(`e${depth}(item)`)}
        WHERE jsonb_typeof(${item}) = 'object' AND ${where})`;
    }
  }
}

/** True when the value has the type and passes the test, or is a list with an item that does. */
function anyOfType(type: 'number' | 'string', value: Sql, test: (json: Sql) => Sql): Sql {
  return Prisma.sql`(CASE jsonb_typeof(${value})
    WHEN ${Prisma.raw(`'${type}'`)} THEN ${test(value)}
    WHEN 'array' THEN EXISTS (
      SELECT FROM jsonb_array_elements(${value}) AS i(item)
      WHERE CASE WHEN jsonb_typeof(i.item) = ${Prisma.raw(`'${type}'`)} THEN ${test(Prisma.raw('i.item'))} ELSE FALSE END)
    ELSE FALSE END)`;
}

function at(json: Sql, path: DataPath): Sql {
  return Prisma.sql`(${json} #> ${path}::text[])`;
}

function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
