// Pieces of SQL that filters of root fields and of data have in common.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Comparison } from './filter-node.ts';
import { folded } from './typed-value-sql.ts';

type Sql = Prisma.Sql;

const operators: Readonly<Record<Comparison, Sql>> = {
  gt: Prisma.raw('>'),
  ge: Prisma.raw('>='),
  lt: Prisma.raw('<'),
  le: Prisma.raw('<='),
};

export function comparisonSql(value: Sql, operator: Comparison, other: Sql): Sql {
  return Prisma.sql`(${value} ${operators[operator]} ${other})`;
}

/** No parts: false. */
export function anyOf(parts: readonly Sql[]): Sql {
  return parts.length === 0 ? Prisma.sql`FALSE` : Prisma.sql`(${Prisma.join(parts, ' OR ')})`;
}

/** For LIKE on folded text: somewhere in it stands this text, whatever its case. */
export function likePattern(text: string): Sql {
  const escaped = text.replace(/[\\%_]/g, (character) => `\\${character}`);
  return folded(Prisma.sql`${`%${escaped}%`}::text`);
}
