// The SQL that reaches the embedded database while something runs, for tests of how much is asked of it.
import { PGlite } from '@electric-sql/pglite';
import { jest } from '@jest/globals';

/** The statements outside of transactions, in order: the reads of a request. */
export async function recordStatements(run: () => Promise<unknown>): Promise<string[]> {
  const spy = jest.spyOn(PGlite.prototype, 'query');
  try {
    await run();
    return spy.mock.calls.map(([statement]) => statement);
  } finally {
    spy.mockRestore();
  }
}

/** How often each table is what a statement reads from, by `schema.table`: its first FROM decides. */
export function countByTable(statements: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const statement of statements) {
    const [, schema, table] = /\bFROM\s+"?(\w+)"?\."?(\w+)"?/i.exec(statement) ?? [];
    const name = `${schema}.${table}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
