// A statement that takes too long is ended, and the client is told so; migrations and the like are not.
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startPostgres } from '../../operations/servers/postgres.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { toAppError } from '../mask-errors.ts';
import { openDatabase } from './open-database.ts';

const log = pino({ level: 'silent' });

describeOnServers('statements on PostgreSQL', ['postgres'], () => {
  test('end after the time that they may take', async () => {
    const server = await startPostgres();
    try {
      const database = await openDatabase({
        databaseUrl: await server.createDatabase(),
        dataDir: '',
        log,
        queryMilliseconds: 200,
      });
      try {
        const { db, write } = database.forService<'document'>('data');
        const tooLong = await db.$queryRaw`SELECT pg_sleep(5)::text`.catch((error: unknown) => error);
        expect(toAppError(tooLong, log)).toMatchObject({ code: 'QUERY_TIMEOUT', details: { code: 21 } });
        const inTransaction = await write((tx) => tx.db.$queryRaw`SELECT pg_sleep(5)::text`).catch(
          (error: unknown) => error,
        );
        expect(toAppError(inTransaction, log)).toMatchObject({ code: 'QUERY_TIMEOUT' });
        await database.connection.transaction((transaction) => transaction.query('SELECT pg_sleep(0.4)::text'));
        expect(await db.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
      } finally {
        await database.close();
      }
    } finally {
      await server.stop();
    }
  }, 300_000);
});
