// What pg-boss runs its statements with: the platform's own connection, so that it opens none.
import type PgBoss from 'pg-boss';
import type { SqlConnection, SqlTransaction } from '../database/sql-connection.ts';

export function bossSql(connection: SqlConnection): PgBoss.Db {
  return {
    async executeSql(text: string, values?: readonly unknown[]) {
      // Its scripts bring a BEGIN and a COMMIT of their own. Inside a transaction of ours those do no harm, and when
      // one fails in the middle the connection is rolled back before anybody else gets it.
      if (/^\s*BEGIN;/.test(text)) {
        await connection.transaction((transaction) => transaction.run(text));
        return { rows: [] };
      }
      return { rows: await connection.query(text, withoutGaps(values)) };
    },
  };
}

/** All of it inside one transaction. */
export function bossSqlIn(transaction: SqlTransaction): PgBoss.Db {
  return {
    executeSql: async (text: string, values?: readonly unknown[]) => ({
      rows: await transaction.query(text, withoutGaps(values)),
    }),
  };
}

function withoutGaps(values: readonly unknown[] = []): unknown[] {
  return values.map((value) => value ?? null);
}
