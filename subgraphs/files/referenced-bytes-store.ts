// Which objects of the store the rows refer to: what must be copied for files to be whole. For backups, which bring a
// connection of their own.
import type { SqlConnection } from '../../platform/database/sql-connection.ts';

type Query = SqlConnection['query'];

const pageSize = 10_000;
const tables = ['files.segments', 'files.thumbnails'] as const;

/** All keys, page by page; of one moment where the queries are. */
export async function* listReferencedKeys(query: Query): AsyncIterable<readonly string[]> {
  for (const table of tables) {
    let last = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await query<{ key: string }>(
        `SELECT store_key::text AS key FROM ${table} WHERE store_key > $1::uuid ORDER BY store_key LIMIT ${pageSize}`,
        [last],
      );
      if (rows.length === 0) break;
      yield rows.map(({ key }) => key);
      last = rows.at(-1)?.key ?? last;
    }
  }
}

/** Those of the keys that rows refer to now. */
export async function findReferencedKeys(query: Query, keys: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    tables.map((table) =>
      query<{ key: string }>(`SELECT store_key::text AS key FROM ${table} WHERE store_key = ANY($1::uuid[])`, [keys]),
    ),
  );
  return found.flat().map(({ key }) => key);
}
