// Figures of the queues, for the one process that tells of what all of them share: read when somebody asks for them.
import { Gauge, type Registry } from 'prom-client';
import type { SqlConnection } from '../database/sql-connection.ts';

export function registerJobMetrics(registry: Registry, connection: Pick<SqlConnection, 'query'>): void {
  new Gauge({
    name: 'caregraph_jobs_waiting',
    help: 'Jobs that are due and not begun, or wait for another try, by queue',
    labelNames: ['queue'],
    registers: [registry],
    async collect() {
      // Without the database there are no figures, rather than old ones.
      const rows = await connection
        .query<{ name: string; count: string }>(
          `SELECT name, count(*)::text AS count FROM pgboss.job WHERE state < 'active' AND start_after <= now() GROUP BY name`,
        )
        .catch(() => []);
      this.reset();
      for (const { name, count } of rows) this.set({ queue: name }, Number(count));
    },
  });
}
