// A moment as SQL for statements written by hand.
import { Prisma } from '../../generated/prisma/client.ts';

/** As a bound parameter: text in UTC, which needs no driver to agree on a time zone; NULL for null. */
export function momentSql(date: Date | null): Prisma.Sql {
  return Prisma.sql`${date?.toISOString() ?? null}::text::timestamptz`;
}
