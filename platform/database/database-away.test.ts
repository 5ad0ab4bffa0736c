import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startPostgres } from '../../operations/servers/postgres.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { isDatabaseAway } from './database-away.ts';
import { openDatabase } from './open-database.ts';

const causeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('other errors are not taken for a database that is away', () => {
  for (const error of [
    undefined,
    'text',
    new Error('Invalid'),
    { code: '23505' },
    { code: 'P2002', cause: { code: '40001' } },
  ]) {
    expect(isDatabaseAway(error)).toBe(false);
  }
});

describeOnServers('a database on a server', ['postgres'], () => {
  test('is known to be away in the middle of a statement and of a transaction, and for new ones', async () => {
    const postgres = await startPostgres();
    const quiet = { info: () => undefined, warn: () => undefined };
    const database = await openDatabase({ databaseUrl: postgres.url, dataDir: '', log: quiet });
    try {
      const { db, write } = database.forService<'user'>('users');
      const running = causeOf(db.$queryRaw`SELECT pg_sleep(30)`);
      const open = causeOf(
        write(async (tx) => {
          await tx.db.user.findMany({});
          await pause(1_000);
          await tx.db.user.findMany({});
        }),
      );
      await pause(300);
      await postgres.crash();
      const errors = await Promise.all([
        running,
        open,
        causeOf(db.user.findMany({})),
        causeOf(db.$queryRaw`SELECT 1`),
        causeOf(write(async (tx) => tx.db.user.findMany({}))),
      ]);
      expect(errors.map(isDatabaseAway)).toEqual([true, true, true, true, true]);
      await postgres.restart();
      expect(await db.user.findMany({})).toEqual([]);
    } finally {
      await database.close();
      await postgres.stop();
    }
  }, 300_000);
});
