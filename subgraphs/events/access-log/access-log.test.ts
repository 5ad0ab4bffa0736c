// The access log as it is kept: entries are chained, none can be changed, added or removed without verification telling.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AccessEntry } from '../../../platform/access-log/access-entry.ts';
import { newId } from '../../../platform/ids.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { events } from '../index.ts';
import { appendEntries } from './append-entries.ts';
import { createChain } from './chain.ts';
import { dropOldEntries } from './drop-old-entries.ts';
import type { AccessLogDatabase, AccessLogTable } from './store.ts';
import { verifyChain } from './verify-chain.ts';

const chain = createChain('a secret of at least 32 characters.');
const start = Date.UTC(2026, 0, 1);
let graph: TestSubgraphs;
let database: AccessLogDatabase;

beforeAll(async () => {
  graph = await startTestSubgraphs([events]);
  database = graph.database.forService<AccessLogTable>('events');
});
afterAll(() => graph.close());
beforeEach(async () => {
  await database.db.$executeRaw`DELETE FROM events.access_log`;
  await database.db.$executeRaw`DELETE FROM events.access_log_ends`;
});

const entry = (number: number, more: Partial<AccessEntry> = {}): AccessEntry => ({
  id: newId(),
  timestamp: start + number * 1_000,
  httpStatus: 200,
  duration: 1_234,
  userId: newId(),
  applicationId: null,
  userAddress: '192.0.2.1',
  host: 'api.example.org',
  request: 'POST /graphql HTTP/1.1',
  responseBodySize: 100,
  userAgent: 'a browser',
  operationName: 'Readings',
  rootFields: ['documents'],
  errorCodes: [],
  requestId: `request-${number}`,
  ...more,
});
const entries = (count: number) => Array.from({ length: count }, (_, index) => entry(index + 1));
const verify = async (anchor?: { sequence: bigint; hash: string }) => verifyChain(database.db, chain, anchor);
/** As somebody would who has the database and nothing else. */
const tamper = async (sql: string) => {
  await database.db.$executeRaw`ALTER TABLE events.access_log DISABLE TRIGGER entries_stay`;
  await graph.database.connection.transaction((transaction) => transaction.run(sql));
  await database.db.$executeRaw`ALTER TABLE events.access_log ENABLE TRIGGER entries_stay`;
};

describe('verification', () => {
  test('finds nothing wrong with what was appended, by several at once, and twice', async () => {
    const all = entries(60);
    const parts = [all.slice(0, 20), all.slice(20, 40), all.slice(15, 25), all.slice(40)];
    await Promise.all(parts.map((part) => appendEntries(database, chain, part)));
    await appendEntries(database, chain, [...all.slice(0, 5), ...all.slice(0, 5)]);
    expect(await verify()).toMatchObject({ entries: 60, faults: [], anchor: { sequence: 60n } });
  });

  test('of an empty log finds nothing, but for an entry that was noted earlier', async () => {
    expect(await verify()).toEqual({ entries: 0, faults: [], anchor: undefined });
    await appendEntries(database, chain, entries(3));
    const { anchor } = await verify();
    await tamper('DELETE FROM events.access_log; DELETE FROM events.access_log_ends');
    expect((await verify()).faults).toEqual([]);
    expect((await verify(anchor)).faults).toEqual(['Entry 3 is missing: the log is empty.']);
  });

  test.each([
    [
      'a changed address',
      `UPDATE events.access_log SET user_address = '192.0.2.9' WHERE sequence = 4`,
      ['Entry 4 was changed.'],
    ],
    [
      'a changed moment',
      `UPDATE events.access_log SET "timestamp" = now() WHERE sequence = 10`,
      ['Entry 10 was changed.'],
    ],
    ['a user taken out', 'UPDATE events.access_log SET user_id = NULL WHERE sequence = 1', ['Entry 1 was changed.']],
    ['another field', `UPDATE events.access_log SET root_fields = '{}' WHERE sequence = 2`, ['Entry 2 was changed.']],
    ['a removed entry', 'DELETE FROM events.access_log WHERE sequence = 4', ['Entry 4 is missing.']],
    [
      'removed entries',
      'DELETE FROM events.access_log WHERE sequence BETWEEN 4 AND 6',
      ['Entries 4 to 6 are missing.'],
    ],
    ['the first one removed', 'DELETE FROM events.access_log WHERE sequence = 1', ['Entry 1 is missing.']],
    ['the last one removed', 'DELETE FROM events.access_log WHERE sequence = 10', ['Entry 10 is missing.']],
    [
      'an entry moved to the end',
      'UPDATE events.access_log SET sequence = 11 WHERE sequence = 3',
      ['Entry 3 is missing.', 'There are entries after the end of the log.'],
    ],
    [
      'two exchanged',
      `UPDATE events.access_log SET sequence = 99 WHERE sequence = 3;
       UPDATE events.access_log SET sequence = 3 WHERE sequence = 5;
       UPDATE events.access_log SET sequence = 5 WHERE sequence = 99`,
      ['Entry 3 was changed.', 'Entry 4 was changed.', 'Entry 5 was changed.', 'Entry 6 was changed.'],
    ],
    [
      'a hash made anew without the key',
      `UPDATE events.access_log SET request = 'GET / HTTP/1.1', hash = sha256('x') WHERE sequence = 10;
       UPDATE events.access_log_ends SET last_hash = sha256('x')`,
      [expect.stringMatching(/^What says where the log begins and ends was changed/), 'Entry 10 was changed.'],
    ],
    [
      'an end cut off, with what says where it is',
      `DELETE FROM events.access_log WHERE sequence > 7;
       UPDATE events.access_log_ends SET last_sequence = 7, last_hash = (SELECT hash FROM events.access_log WHERE sequence = 7)`,
      [expect.stringMatching(/^What says where the log begins and ends was changed/)],
    ],
    [
      'a beginning cut off, as if by age',
      `UPDATE events.access_log_ends SET first_sequence = 7, first_hash = (SELECT hash FROM events.access_log WHERE sequence = 7);
       DELETE FROM events.access_log WHERE sequence <= 7`,
      [expect.stringMatching(/^What says where the log begins and ends was changed/)],
    ],
    [
      'what says where it begins and ends taken away',
      'DELETE FROM events.access_log_ends',
      ['There are entries, but what says where the log begins and ends was removed.'],
    ],
  ])('finds %s', async (_what, sql, faults) => {
    await appendEntries(database, chain, entries(10));
    await tamper(sql);
    expect((await verify()).faults).toEqual(faults);
  });

  test('with another secret says so', async () => {
    await appendEntries(database, chain, entries(2));
    const { faults } = await verifyChain(database.db, createChain('another secret of 32 characters or more'));
    expect(faults[0]).toMatch(/or was sealed with another SERVICE_SECRET/);
  });

  test('with an earlier place finds a log that was replaced by a shorter one, or by another', async () => {
    const all = entries(10);
    await appendEntries(database, chain, all);
    const { anchor } = await verify();
    expect((await verify(anchor)).faults).toEqual([]);
    for (const others of [all.slice(0, 7), [...all.slice(0, 9), entry(10)]]) {
      // By somebody who has the secret as well.
      await tamper('DELETE FROM events.access_log; DELETE FROM events.access_log_ends');
      await appendEntries(database, chain, others);
      expect((await verify()).faults).toEqual([]);
      expect((await verify(anchor)).faults).toHaveLength(1);
    }
  });

  test('finds any one change of any entry (property)', async () => {
    const columns = ['http_status', 'duration', 'response_body_size'] as const;
    const texts = ['host', 'request', 'user_agent', 'operation_name', 'request_id'] as const;
    await appendEntries(database, chain, entries(12));
    const change = fc.oneof(
      fc.constantFrom(...columns).map((column) => [column, `${column} + 1`, `${column} - 1`] as const),
      fc.constantFrom(...texts).map((column) => [column, `${column} || 'x'`, `left(${column}, -1)`] as const),
    );
    await fc.assert(
      fc.asyncProperty(change, fc.integer({ min: 1, max: 12 }), async ([column, changed, back], sequence) => {
        const set = (value: string) =>
          tamper(`UPDATE events.access_log SET ${column} = ${value} WHERE sequence = ${sequence}`);
        await set(changed);
        expect((await verify()).faults).toEqual([`Entry ${sequence} was changed.`]);
        await set(back);
        expect((await verify()).faults).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

test('an entry cannot be changed by mistake', async () => {
  await appendEntries(database, chain, entries(1));
  await expect(database.db.$executeRaw`UPDATE events.access_log SET http_status = 500`).rejects.toThrow(
    /Entries of the access log are not changed/,
  );
});

test('what a client chose is bounded and stored, whatever characters it has', async () => {
  const wild = entry(1, {
    userAgent: `\0\ud800${'a'.repeat(5_000)}`,
    host: '\u{1f600}'.repeat(300),
    rootFields: Array(500).fill('field'),
    duration: 5e12,
  });
  await appendEntries(database, chain, [wild]);
  expect((await verify()).faults).toEqual([]);
  const [row] = await database.db.accessLogEntry.findMany();
  expect(row?.userAgent).toBe(`\ufffd${'a'.repeat(498)}`);
  expect([row?.rootFields.length, row?.duration]).toEqual([50, 2 ** 31 - 1]);
});

describe('old entries', () => {
  test('go, and what is left can be verified and gone on with', async () => {
    await appendEntries(database, chain, entries(10));
    await dropOldEntries(database, chain, new Date(start + 6_500));
    const { entries: left, faults } = await verify();
    expect([left, faults]).toEqual([4, []]);
    await appendEntries(database, chain, [entry(11)]);
    expect(await verify()).toMatchObject({ entries: 5, faults: [], anchor: { sequence: 11n } });
    await dropOldEntries(database, chain, new Date(start + 60_000));
    expect(await verify()).toMatchObject({ entries: 0, faults: [], anchor: { sequence: 11n } });
    await appendEntries(database, chain, [entry(12)]);
    expect(await verify()).toMatchObject({ entries: 1, faults: [] });
  });

  test('of an empty log, and where all are young, are none', async () => {
    await dropOldEntries(database, chain, new Date(start));
    await appendEntries(database, chain, entries(3));
    await dropOldEntries(database, chain, new Date(start));
    expect(await verify()).toMatchObject({ entries: 3, faults: [] });
  });
});
