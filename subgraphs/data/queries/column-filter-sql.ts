// Conditions on the root fields of documents as SQL: these are columns, and indexes serve them.
import { Prisma } from '../../../generated/prisma/client.ts';
import { documentColumns } from './document-columns.ts';
import type { FilterNode } from './filter-node.ts';
import { filterColumns } from './filter-node.ts';
import { comparisonSql, likePattern } from './filter-parts-sql.ts';
import { fieldSql, folded } from './typed-value-sql.ts';

type Sql = Prisma.Sql;

type ColumnNode = Extract<FilterNode, { kind: `column${string}` }>;

export function columnSql(node: ColumnNode): Sql {
  const { column } = node;
  if (column === 'userIds' || column === 'groupIds') return listSql(node, Prisma.raw(documentColumns[column]));
  const value = fieldSql({ kind: 'column', column });
  switch (node.kind) {
    case 'columnLike':
      return Prisma.sql`(${folded(value)} LIKE ${likePattern(node.text)})`;
    case 'columnCompares':
      return comparisonSql(value, node.operator, Prisma.sql`${node.value}::text::${typeOf(node)}`);
    case 'columnEquals': {
      const [first] = node.values;
      if (first === undefined) return Prisma.sql`FALSE`;
      if (node.values.length === 1) return Prisma.sql`(${value} = ${first}::text::${typeOf(node)})`;
      return Prisma.sql`(${value} = ANY(${node.values}::text[]::${typeOf(node)}[]))`;
    }
  }
}

/** A column of ids has no order: it is asked for what it holds, and no more. */
function listSql(node: ColumnNode, column: Sql): Sql {
  if (node.kind !== 'columnEquals' || node.values.length === 0) return Prisma.sql`FALSE`;
  return Prisma.sql`(${column} && ${node.values}::uuid[])`;
}

function typeOf({ column }: ColumnNode): Sql {
  const kind = filterColumns[column];
  return Prisma.raw(kind === 'moment' ? 'timestamptz' : kind === 'text' ? 'text' : 'uuid');
}
