// The last step of a restore: the log goes on where nobody has been yet.
import type { Config } from '../../platform/config.ts';
import { applyMigrations, readMigrations } from '../../platform/database/apply-migrations.ts';
import { relayLease } from '../../platform/events/relay.ts';
import { type SkippedPositions, skipPositions } from '../../platform/events/skip-positions.ts';
import { StartError } from '../../platform/start-error.ts';
import { hasTable, openConnection } from '../open-connection.ts';

/** What to do where a restore did not come to this. */
export const toFinish = 'run `npm run restore -- --recovered` before any program uses it';

/** For a database that holds an earlier state of itself, and that nobody uses yet. Brings its tables up to date, too. */
export async function beginAnew(config: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<SkippedPositions> {
  const connection = await openConnection(config);
  try {
    if (!(await hasTable(connection, 'events.log_head'))) {
      throw new StartError('The database is not one of this program, or it is empty.');
    }
    const lease = await connection.tryLease(relayLease);
    if (lease === undefined) throw new StartError('A program uses the database: stop it first. Nothing was changed.');
    try {
      await applyMigrations(connection, await readMigrations());
      return await skipPositions(connection, new Date());
    } finally {
      await lease.release();
    }
  } finally {
    await connection.close();
  }
}
