// Brings pg-boss's own tables up to date: the schema `pgboss`, beside those of the services. It keeps its version and
// its migrations by itself, so they are no part of prisma/migrations.
import PgBoss from 'pg-boss';
import type { SqlConnection } from '../database/sql-connection.ts';
import { bossSql } from './boss-sql.ts';

/** Several processes may do so at once: pg-boss lets them wait for each other. */
export async function installJobs(connection: SqlConnection): Promise<void> {
  // Without supervision and schedules, starting is only this.
  await new PgBoss({ db: bossSql(connection), supervise: false, schedule: false }).start();
}
