// What every service counts on when it writes, on the embedded database and on a server alike.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { readLog } from '../events/log.ts';
import { numberEvents } from '../events/number-events.ts';
import { newId } from '../ids.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';

type Open = (onCommitWithEvents: () => void) => Promise<OpenDatabase>;

const silent = { info: () => {}, warn: () => {} };

function databaseSuite(open: Open): void {
  let database: OpenDatabase;
  let wakes: number;

  beforeEach(async () => {
    wakes = 0;
    database = await open(() => {
      wakes += 1;
    });
  });
  afterEach(() => database.close());

  const users = () => database.forService<'user'>('users');
  const log = async () => {
    const events = database.forService<'event' | 'logHead'>('events');
    await numberEvents(events, 500);
    return (await readLog(events.db, 0n, 100)).events;
  };
  const person = (id: string) => ({
    id,
    email: `${id}@example.org`,
    firstName: 'Pat',
    lastName: 'Ient',
    language: 'EN',
    passwordHash: 'none',
  });

  test('when the work fails, change, events and access versions are all undone', async () => {
    const id = newId();
    const write = users().write(async (tx) => {
      await tx.db.user.create({ data: person(id) });
      tx.publish({ type: 'user_created', content: { id } });
      tx.bumpAccess([id]);
      throw new Error('the work failed');
    });
    await expect(write).rejects.toThrow('the work failed');
    expect(await users().db.user.findUnique({ where: { id } })).toBeNull();
    expect(await database.accessVersions([id])).toEqual(['0']);
    expect(await log()).toEqual([]);
    expect(wakes).toBe(0);
  });

  test('when the event cannot be written, neither is the change', async () => {
    const id = newId();
    const write = users().write(async (tx) => {
      await tx.db.user.create({ data: person(id) });
      tx.bumpAccess([id]);
      // PostgreSQL stores no NUL in text.
      tx.publish({ type: 'user_created', content: { id, text: '\u0000' } });
    });
    await expect(write).rejects.toThrow();
    expect(await users().db.user.findUnique({ where: { id } })).toBeNull();
    expect(await database.accessVersions([id])).toEqual(['0']);
  });

  test('a statement that failed and was caught fails the transaction; it is not rolled back silently', async () => {
    const id = newId();
    const write = users().write(async (tx) => {
      await tx.db.user.create({ data: person(id) });
      await tx.db.user.create({ data: person(id) }).catch(() => {});
    });
    await expect(write).rejects.toThrow();
    expect(await users().db.user.findUnique({ where: { id } })).toBeNull();
  });

  test('nothing can be published when the transaction is over', async () => {
    let late = () => {};
    await users().write(async (tx) => {
      late = () => tx.publish({ type: 'user_created', content: {} });
    });
    expect(late).toThrow('after its transaction');
  });

  test('change, events and access versions commit together, and the relay is woken once for each transaction', async () => {
    const [one, other] = [newId(), newId()];
    await users().write(async (tx) => {
      tx.bumpAccess([one, other, one]);
      tx.publish({ type: 'user_created', content: { id: one, list: [1, null] }, access: { groupIds: [] } });
      tx.publish({ type: 'user_created', content: { id: other } });
      await tx.db.user.createMany({ data: [person(one), person(other)] });
    });
    await users().write(async (tx) => tx.bumpAccess([other]));
    expect(wakes).toBe(2);
    expect(await users().db.user.count()).toBe(2);
    expect(await database.accessVersions([other, newId(), one])).toEqual(['2', '0', '1']);
    expect(await log()).toMatchObject([
      { position: 1n, service: 'users', type: 'access_changed', content: { userIds: [one, other].sort() } },
      {
        position: 2n,
        service: 'users',
        type: 'user_created',
        content: { id: one, list: [1, null] },
        access: { groupIds: [] },
      },
      { position: 3n, service: 'users', type: 'user_created', content: { id: other }, access: null },
      { position: 4n, service: 'users', type: 'access_changed', content: { userIds: [other] } },
    ]);
  });

  test('a service cannot tell by itself that access changed', async () => {
    const write = users().write(async (tx) => tx.publish({ type: 'access_changed', content: { userIds: [newId()] } }));
    await expect(write).rejects.toThrow('by the platform alone');
  });

  test('whose access changed stands in the log, a thousand in one event, each once', async () => {
    const ids = Array.from({ length: 2_001 }, newId);
    await users().write(async (tx) => {
      tx.bumpAccess([...ids, ...ids.slice(0, 10)]);
      tx.bumpAccess([]);
      tx.publish({ type: 'role_updated', content: {} });
    });
    await users().write(async (tx) => tx.bumpAccess([]));
    const events = await log();
    expect(events.map(({ type }) => type)).toEqual([...Array(3).fill('access_changed'), 'role_updated']);
    const told = events.slice(0, 3).map(({ content }) => content.userIds as string[]);
    expect(told.map(({ length }) => length)).toEqual([1_000, 1_000, 1]);
    expect(told.flat().sort()).toEqual(ids.toSorted());
  });

  test('many writers at once all get through, and bump the same users without hindering each other', async () => {
    const ids = Array.from({ length: 400 }, newId);
    let attempts = 0;
    const write = (order: readonly string[]) =>
      users().write(async (tx) => {
        attempts += 1;
        tx.bumpAccess(order);
      });
    await Promise.all(Array.from({ length: 30 }, (_, turn) => write(turn % 2 === 0 ? ids : ids.toReversed())));
    expect(await database.accessVersions(ids)).toEqual(ids.map(() => '30'));
    expect(attempts).toBe(30);
  });

  test('a moment is read back as it was written', async () => {
    const id = newId();
    const createdAt = new Date('2026-07-01T12:34:56.789Z');
    await users().db.user.create({ data: { ...person(id), createdAt } });
    expect((await users().db.user.findUnique({ where: { id } }))?.createdAt).toEqual(createdAt);
    const before = Date.now();
    await users().write(async (tx) => tx.publish({ type: 'user_created', content: { id } }));
    const written = (await log())[0]?.createdAt.getTime() ?? 0;
    expect(Math.abs(written - before)).toBeLessThan(10_000);
  });

  test('closing waits for what is being written, and then refuses', async () => {
    const id = newId();
    const write = users().write(async (tx) => {
      await tx.db.user.create({ data: person(id) });
      await pause(50);
      await tx.db.user.update({ where: { id }, data: { firstName: 'Still' } });
    });
    await Promise.all([write, database.close()]);
    await expect(users().write(async () => {})).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
}

describe('the embedded database', () => {
  databaseSuite((onCommitWithEvents) => startTestDatabase({ onCommitWithEvents }));
});

describeOnServers('a PostgreSQL server', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    // Far from UTC, so that a moment read in the server's own zone would show.
    server = await startPostgres({ settings: { timezone: 'Asia/Tokyo' } });
  });
  afterAll(() => server.stop());

  const open = async (onCommitWithEvents: () => void) =>
    openDatabase({ databaseUrl: await server.createDatabase(), dataDir: '', log: silent, onCommitWithEvents });

  databaseSuite(open);

  test('two transactions that lock each other out are both done in the end', async () => {
    const database = await open(() => {});
    const users = database.forService<'user' | 'group'>('users');
    const ids = [newId(), newId()];
    await users.db.group.createMany({ data: ids.map((id) => ({ id, name: '', description: '' })) });
    let attempts = 0;
    const append = (order: readonly string[]) =>
      users.write(async ({ db }) => {
        attempts += 1;
        for (const id of order) {
          await db.$executeRaw`UPDATE users.groups SET name = name || 'x' WHERE id = ${id}::uuid`;
          await pause(100);
        }
      });
    await Promise.all([append(ids), append(ids.toReversed())]);
    const groups = await users.db.group.findMany();
    expect(groups.map(({ name }) => name)).toEqual(['xx', 'xx']);
    expect(attempts).toBe(3);
    await database.close();
  });

  test('a lease is held by one, and free again when its holder lets go or is gone', async () => {
    const url = await server.createDatabase();
    const [one, other] = await Promise.all([
      openDatabase({ databaseUrl: url, dataDir: '', log: silent }),
      openDatabase({ databaseUrl: url, dataDir: '', log: silent }),
    ]);
    const lease = await one.tryLease('relay');
    expect(await other.tryLease('relay')).toBeUndefined();
    await lease?.release();
    const next = await other.tryLease('relay');
    expect(next).toBeDefined();
    await server.crash();
    await pause(100);
    expect(next?.lost.aborted).toBe(true);
    await expect(one.ping()).rejects.toThrow();
    await expect(one.tryLease('relay')).rejects.toThrow();
    await server.restart();
    await one.ping();
    expect(await one.tryLease('relay')).toBeDefined();
    await Promise.all([one.close(), other.close()]);
  });
});
