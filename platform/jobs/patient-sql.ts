// What pg-boss's upkeep runs its statements with. Never rejects: pg-boss does not look at every promise, and one that
// rejects unseen ends the process.
import { setTimeout as pause } from 'node:timers/promises';
import type PgBoss from 'pg-boss';
import { isDatabaseAway } from '../database/database-away.ts';
import type { Logger } from '../subgraph/context.ts';

const longestPauseMs = 10_000;

export interface PatientSql extends PgBoss.Db {
  /** Resolves when nothing is running any more. */
  idle(): Promise<void>;
}

interface Patience {
  readonly log: Pick<Logger, 'error'>;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/** Statements wait for a database that is away; what fails in another way is logged, and has no rows. */
export function patientSql(sql: PgBoss.Db, { log, signal }: Patience): PatientSql {
  const running = new Set<Promise<unknown>>();
  const execute = async (text: string, values: unknown[]): Promise<{ rows: unknown[] }> => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        return await sql.executeSql(text, values);
      } catch (error) {
        if (!isDatabaseAway(error)) {
          log.error({ err: error }, 'a statement of the upkeep of jobs failed');
          break;
        }
        await pause(Math.min(500 * 2 ** failures, longestPauseMs), undefined, { signal }).catch(() => {});
      }
    }
    return { rows: [] };
  };
  return {
    executeSql(text, values) {
      const done = execute(text, values).finally(() => running.delete(done));
      running.add(done);
      return done;
    },
    idle: async () => {
      await Promise.all(running);
    },
  };
}
