// The access version of each user: it grows with every change of what they may do, in the transaction of that change.
import { Prisma } from '../../generated/prisma/client.ts';

interface SqlReader {
  $queryRaw<T>(query: Prisma.Sql): PromiseLike<T>;
}

interface SqlWriter {
  $executeRaw(query: Prisma.Sql): PromiseLike<number>;
}

export async function bumpAccessVersions(db: SqlWriter, userIds: ReadonlySet<string>): Promise<void> {
  if (userIds.size === 0) return;
  // Always in the same order: two transactions that bump the same users must not wait for each other.
  const ids = [...userIds].sort();
  await db.$executeRaw(Prisma.sql`
    INSERT INTO platform.access_versions AS known (user_id) SELECT unnest(${ids}::uuid[])
    ON CONFLICT (user_id) DO UPDATE SET version = known.version + 1, updated_at = now()`);
}

/** In the order asked; "0" for a user whose access never changed. */
export async function readAccessVersions(db: SqlReader, userIds: readonly string[]): Promise<string[]> {
  if (userIds.length === 0) return [];
  const rows = await db.$queryRaw<{ id: string; version: string }[]>(Prisma.sql`
    SELECT user_id::text AS id, version::text AS version FROM platform.access_versions
    WHERE user_id = ANY(${userIds}::uuid[])`);
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  return userIds.map((id) => versions.get(id) ?? '0');
}
