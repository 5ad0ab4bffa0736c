// A condition as a SQL fragment, for entities whose lists are hand-written SQL. All values are bound parameters.
import { Prisma } from '../../generated/prisma/client.ts';
import { invariant } from '../errors.ts';
import { type Condition, simplified } from './condition.ts';

/** Maps a condition's column to SQL text. Every column that may be named stands in it. */
export type Columns = Readonly<Record<string, string>>;

/** Columns compared are `uuid` and `uuid[]` columns. */
export function toSql(condition: Condition, columns: Columns): Prisma.Sql {
  return simplifiedToSql(simplified(condition), columns);
}

function simplifiedToSql(condition: Condition, columns: Columns): Prisma.Sql {
  const column = (name: string): Prisma.Sql => {
    const text = columns[name];
    invariant(text !== undefined, `an access rule names ${name}, which has no SQL column`);
    return Prisma.raw(text);
  };
  const joined = (parts: readonly Condition[], word: ' AND ' | ' OR '): Prisma.Sql =>
    Prisma.sql`(${Prisma.join(
      parts.map((part) => simplifiedToSql(part, columns)),
      word,
    )})`;
  switch (condition.kind) {
    case 'always':
      return Prisma.sql`TRUE`;
    case 'never':
      return Prisma.sql`FALSE`;
    case 'all':
      return joined(condition.of, ' AND ');
    case 'any':
      return joined(condition.of, ' OR ');
    case 'in':
      // Of one value as `=`: only that fits the condition of a partial index.
      if (condition.values.length === 1) return Prisma.sql`${column(condition.column)} = ${condition.values[0]}::uuid`;
      return Prisma.sql`${column(condition.column)} = ANY(${condition.values}::uuid[])`;
    case 'own':
      // As in condition-where.ts.
      condition.id.reveal();
      return Prisma.sql`FALSE`;
    case 'absent':
      return Prisma.sql`${column(condition.column)} IS NULL`;
    case 'overlaps':
      return Prisma.sql`${column(condition.column)} && ${condition.values}::uuid[]`;
    case 'some':
    case 'related':
      throw new Error(`Invariant broken: ${condition.kind} has no SQL form`);
  }
}
