// Installations of before the log had segments: what they hold is carried over, with its positions.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { applyMigrations, readMigrations } from '../database/apply-migrations.ts';
import { openPostgresServer } from '../database/postgres-server.ts';
import { newId } from '../ids.ts';
import { readLogState } from './segments.ts';

const segments = '20261129180244_log_in_segments';

describeOnServers('the migration to segments', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  async function installationOfBefore(): Promise<{ url: string; execute: (sql: string) => Promise<void> }> {
    const url = await server.createDatabase();
    const connection = openPostgresServer({ databaseUrl: url, onBrokenConnection: () => {} });
    await applyMigrations(
      connection,
      (await readMigrations()).filter(({ name }) => name < segments),
    );
    const execute = async (sql: string) => {
      await connection.transaction((transaction) => transaction.run(sql));
      await connection.close();
    };
    return { url, execute };
  }

  test('keeps positions, what waits for one goes on waiting in its order, and numbering goes on', async () => {
    const ids = Array.from({ length: 6 }, newId);
    const { url, execute } = await installationOfBefore();
    const row = (index: number, seq: number, position: number | 'NULL') =>
      `('${ids[index]}', ${seq}, ${position}, 'data', 'changed', '{"turn":${index}}', '{"a":1}', '2026-01-0${index + 1}', now())`;
    await execute(`
      INSERT INTO events.events (id, seq, position, service, type, content, access, created_at, updated_at)
      VALUES ${[row(0, 2, 41), row(1, 1, 42), row(2, 5, 43), row(3, 9, 'NULL'), row(4, 7, 'NULL')].join(', ')};
      UPDATE events.log_head SET position = 43`);
    const database = await startTestDatabase({ databaseUrl: url });
    expect(await readLogState(database.connection)).toEqual({
      head: 43n,
      segments: [{ number: 1n, firstPosition: 41n, skipped: 0n, startedAt: new Date('2026-01-01') }],
    });
    await database.forService('data').write(async (tx) => tx.publish({ type: 'changed', content: { turn: 5 } }));
    const log = await database.readLog(40n);
    expect(log.map(({ position, content }) => [Number(position), content.turn])).toEqual([
      [41, 0],
      [42, 1],
      [43, 2],
      [44, 4],
      [45, 3],
      [46, 5],
    ]);
    expect(log[0]).toMatchObject({ id: ids[0], service: 'data', access: { a: 1 }, createdAt: new Date('2026-01-01') });
    await database.close();
  });

  test('of an installation without events begins at its head', async () => {
    const { url, execute } = await installationOfBefore();
    await execute('UPDATE events.log_head SET position = 7');
    const database = await startTestDatabase({ databaseUrl: url });
    const state = await readLogState(database.connection);
    expect(state).toMatchObject({ head: 7n, segments: [{ number: 1n, firstPosition: 8n }] });
    await database.close();
  });
});
