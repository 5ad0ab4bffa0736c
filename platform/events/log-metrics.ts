// Figures of the log, for a process with the relay: read from the database when somebody asks for them.
import { Gauge, type Registry } from 'prom-client';
import type { SqlConnection } from '../database/sql-connection.ts';
import { countEvents, readLogState } from './segments.ts';

export function registerLogMetrics(registry: Registry, connection: SqlConnection): void {
  const gauge = (name: string, help: string, read: () => Promise<number>) => {
    const created: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      // Without the database there is no figure, rather than an old one; and the others are shown all the same.
      collect: async () => {
        const value = await read().catch(() => Number.NaN);
        if (Number.isNaN(value)) created.remove();
        else created.set(value);
      },
    });
  };
  gauge('caregraph_events_waiting', 'Committed events without a position', async () => {
    const [row] = await connection.query<{ count: string }>('SELECT count(*)::text AS count FROM events.outbox');
    return Number(row?.count);
  });
  gauge('caregraph_events_position', 'The newest position of the log', async () =>
    Number((await readLogState(connection)).head),
  );
  gauge('caregraph_events_kept', 'Events that the log holds', async () => {
    const state = await readLogState(connection);
    const [oldest] = state.segments;
    return oldest === undefined ? 0 : Number(countEvents(state, oldest));
  });
  gauge(
    'caregraph_events_segments',
    'Segments of the log',
    async () => (await readLogState(connection)).segments.length,
  );
}
