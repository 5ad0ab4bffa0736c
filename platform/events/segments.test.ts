// The log in segments: one is begun and dropped while others read, a reading touches those that it needs, and what is
// no longer there is told.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { Prisma } from '../../generated/prisma/client.ts';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { findFirstSegment, type LogDatabase, pageSql, readLog } from './log.ts';
import { beginSegment, dropSegment, readLogState } from './segments.ts';

let database: TestDatabase;
let events: LogDatabase;

/** Publishes so many events, one after the other, and gives them their positions. */
async function write(count: number): Promise<void> {
  await database.forService('data').write(async (tx) => {
    for (let turn = 0; turn < count; turn += 1) tx.publish({ type: 'changed', content: { turn } });
  });
  await database.readLog();
}
const begin = () => beginSegment(database.connection, new Date(), () => true);
const state = () => readLogState(database.connection);
const numbers = async () => (await state()).segments.map(({ number }) => Number(number));

async function dropOldest(): Promise<void> {
  const [oldest] = (await state()).segments;
  if (oldest !== undefined) await dropSegment(database.connection, oldest);
}

async function positions(after: bigint, first: number): Promise<number[]> {
  return (await readLog(events.db, after, first)).events.map(({ position }) => Number(position));
}
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

function suite(open: () => Promise<TestDatabase>): void {
  beforeEach(async () => {
    database = await open();
    events = database.forService('events');
  });
  afterEach(() => database.close());

  test('a page goes over the ends of segments, in order and without gaps', async () => {
    await write(5);
    await begin();
    await begin();
    await write(3);
    await begin();
    await write(4);
    expect(await numbers()).toEqual([1, 2, 3, 4]);
    for (const after of range(0, 12)) {
      for (const first of [1, 3, 5, 100]) {
        expect(await positions(BigInt(after), first)).toEqual(range(after + 1, Math.min(12, after + first)));
      }
    }
    expect(await readLog(events.db, 12n, 10)).toEqual({ oldest: 1n, newest: 12n, events: [] });
  });

  test('a segment is begun by one of those that want to, as long as it is due', async () => {
    await write(1);
    const wanting = Array.from({ length: 4 }, () =>
      beginSegment(database.connection, new Date(), ({ segments }) => segments.length === 1),
    );
    expect((await Promise.all(wanting)).filter((begun) => begun)).toHaveLength(1);
    expect(await numbers()).toEqual([1, 2]);
  });

  test('what is dropped is gone, the bounds say so, and positions go on', async () => {
    await write(5);
    await begin();
    await write(3);
    await dropOldest();
    expect(await readLog(events.db, 5n, 1)).toMatchObject({ oldest: 6n, newest: 8n, events: [{ position: 6n }] });
    expect(await readLog(events.db, 0n, 1)).toMatchObject({ oldest: 6n, newest: 8n });
    await begin();
    await dropOldest();
    expect(await readLog(events.db, 8n, 10)).toEqual({ oldest: 9n, newest: 8n, events: [] });
    expect(await readLog(events.db, 7n, 10)).toEqual({ oldest: 9n, newest: 8n, events: [] });
    await write(2);
    expect(await readLog(events.db, 8n, 10)).toMatchObject({ oldest: 9n, newest: 10n });
    expect(await positions(8n, 10)).toEqual([9, 10]);
    const tables = await database.connection.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relname ~ '^log_[0-9]+$' AND relkind = 'r'",
    );
    expect(tables).toEqual([{ name: 'log_3' }]);
  });

  test('a moment leads to the segment that holds what was changed then, never to a later one', async () => {
    await write(2);
    const [{ createdAt: early } = { createdAt: new Date() }] = (await readLog(events.db, 0n, 1)).events;
    await begin();
    await write(2);
    const later = (await readLog(events.db, 2n, 1)).events[0]?.createdAt;
    await begin();
    expect(await findFirstSegment(events.db, 0n, early)).toBe(1n);
    expect(await findFirstSegment(events.db, 0n, later)).toBeLessThanOrEqual(2n);
    expect(await findFirstSegment(events.db, 0n, new Date(Date.now() + 60_000))).toBe(3n);
    expect(await findFirstSegment(events.db, 2n, undefined)).toBe(2n);
    expect(await findFirstSegment(events.db, 2n, early)).toBe(2n);
    expect(await findFirstSegment(events.db, 1n, undefined)).toBe(1n);
    expect(await findFirstSegment(events.db, 999n, undefined)).toBe(3n);
  });
}

describe('on the embedded database', () => {
  suite(() => startTestDatabase());
});

describeOnServers('on a PostgreSQL server', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  suite(async () => startTestDatabase({ databaseUrl: await server.createDatabase() }));

  describe('while others read', () => {
    let reader: pg.Client;
    beforeEach(async () => {
      const databaseUrl = await server.createDatabase();
      database = await startTestDatabase({ databaseUrl });
      events = database.forService('events');
      await write(3);
      reader = new pg.Client({ connectionString: databaseUrl });
      await reader.connect();
      // A backup: it holds what it has read until it is done.
      await reader.query('BEGIN; SELECT count(*) FROM events.log');
    });
    afterEach(async () => {
      await reader.end();
      await database.close();
    });

    test('a segment is begun without waiting for them', async () => {
      expect(await begin()).toBe(true);
      await write(1);
      expect(await positions(2n, 5)).toEqual([3, 4]);
    });

    test('a segment is not dropped, later readers do not wait behind that, and afterwards it is dropped', async () => {
      await begin();
      const dropping = dropOldest();
      const refused = expect(dropping).rejects.toThrow('lock timeout');
      expect(await positions(0n, 5)).toEqual([1, 2, 3]);
      await refused;
      expect(await numbers()).toEqual([1, 2]);
      await reader.query('COMMIT');
      await dropOldest();
      expect(await numbers()).toEqual([2]);
    });
  });

  test('a page is read from the segments that hold it, by index, and from no others', async () => {
    database = await startTestDatabase({ databaseUrl: await server.createDatabase() });
    events = database.forService('events');
    for (let turn = 0; turn < 6; turn += 1) {
      await write(400);
      await begin();
    }
    const plan = async (from: bigint, to: bigint, after: bigint, first: number) => {
      const statement = Prisma.sql`EXPLAIN (ANALYZE, TIMING OFF) ${pageSql({ from, to }, after, first)}`;
      const rows = await events.db.$queryRaw<Record<'QUERY PLAN', string>[]>(statement);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    const within = await plan(3n, 3n, 900n, 100);
    expect(within).toMatch(/Index Scan using log_3_pkey on log_3 .*actual rows=100 /);
    expect(within).not.toMatch(/Seq Scan on log_\d|on log_[124567]\b|Sort Key: .*segment/);
    const across = await plan(3n, 4n, 1_150n, 100);
    expect(across).toMatch(/Index Scan using log_3_pkey on log_3 .*actual rows=50 /);
    expect(across).toMatch(/Index Scan using log_4_pkey on log_4 .*actual rows=50 /);
    expect(across).not.toMatch(/Seq Scan on log_\d|on log_[12567]\b/);
    expect(await positions(1_150n, 100)).toEqual(range(1_151, 1_250));
    await database.close();
  });
});
