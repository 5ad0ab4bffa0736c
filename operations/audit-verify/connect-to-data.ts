// Connects to the database of an installation without changing its tables: on a server also while the program runs, the
// embedded one only while nobody else has it open.
import type { Config } from '../../platform/config.ts';
import type { DatabaseConnection } from '../../platform/database/open-database.ts';
import { StartError } from '../../platform/start-error.ts';
import { hasTable, openConnection } from '../open-connection.ts';

/** Throws a StartError where there is no database, or none that has an access log. */
export async function connectToData(config: Config): Promise<DatabaseConnection> {
  const connection = await openConnection(config);
  if (await hasTable(connection, 'events.access_log')) return connection;
  await connection.close();
  throw new StartError('This database has no access log: it was made by an older version, or by another program.');
}
