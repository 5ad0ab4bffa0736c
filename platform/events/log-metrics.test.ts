// What operators see of the log at /metrics.
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startTestDatabase } from '../../tests/support/database.ts';
import { createHttpServer } from '../http/create-http-server.ts';
import { createRegistry, serveMetrics } from '../metrics/registry.ts';
import { registerLogMetrics } from './log-metrics.ts';
import { beginSegment, dropSegment, readLogState } from './segments.ts';

test('what waits, the head, what is kept and its segments; without the database all other figures', async () => {
  const database = await startTestDatabase();
  const { connection } = database;
  const app = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 1_000 });
  const registry = createRegistry();
  registerLogMetrics(registry, connection);
  serveMetrics(app, registry);
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const figures = async () => {
    const response = await fetch(`${address}/metrics`);
    expect(response.status).toBe(200);
    const body = await response.text();
    expect(body).toContain('process_cpu_seconds_total');
    return Object.fromEntries(
      [...body.matchAll(/^caregraph_events_(\w+) (\S+)$/gm)].map(([, name, value]) => [name, value]),
    );
  };
  const publish = (count: number) =>
    database.forService('data').write(async (tx) => {
      for (let turn = 0; turn < count; turn += 1) tx.publish({ type: 'changed', content: {} });
    });
  await publish(3);
  expect(await figures()).toEqual({ waiting: '3', position: '0', kept: '0', segments: '1' });
  await database.readLog();
  await beginSegment(connection, new Date(), () => true);
  await publish(2);
  await database.readLog();
  expect(await figures()).toEqual({ waiting: '0', position: '5', kept: '5', segments: '2' });
  const [oldest] = (await readLogState(connection)).segments;
  if (oldest !== undefined) await dropSegment(connection, oldest);
  expect(await figures()).toEqual({ waiting: '0', position: '5', kept: '2', segments: '1' });
  await database.close();
  expect(await figures()).toEqual({});
  await app.close();
});
