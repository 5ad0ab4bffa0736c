// Token buckets, in memory and in Redis alike; and what is counted by whom.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RedisServer } from '../../operations/servers/redis.ts';
import { startRedis } from '../../operations/servers/redis.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { recordingLog } from '../../tests/support/recording-log.ts';
import type { Buckets } from './buckets.ts';
import { createMemoryBuckets } from './buckets.ts';
import { createRates } from './rates.ts';
import { createRedisBuckets } from './redis-buckets.ts';

/** Slow enough that nothing comes back while a test runs. */
const slow = { capacity: 10, perSecond: 0.01 };

function behavesAsBuckets(buckets: () => Buckets): void {
  test('what is more than is left is refused whole, with how long to wait', async () => {
    expect(await buckets().take('a', slow, 7)).toEqual({ granted: true, remaining: 3, retryAfter: 0 });
    const refused = await buckets().take('a', slow, 5);
    expect(refused).toMatchObject({ granted: false, remaining: 3 });
    expect(refused.retryAfter).toBeGreaterThan(190);
    expect(refused.retryAfter).toBeLessThanOrEqual(200);
    expect(await buckets().take('a', slow, 3)).toMatchObject({ granted: true, remaining: 0 });
  });

  test('each key has its own', async () => {
    await buckets().take('b', slow, 10);
    expect(await buckets().take('c', slow, 10)).toMatchObject({ granted: true });
  });

  test('what was taken comes back with time', async () => {
    const fast = { capacity: 10, perSecond: 100 };
    await buckets().take('d', fast, 10);
    expect((await buckets().take('d', fast, 10)).granted).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await buckets().take('d', fast, 10)).toMatchObject({ granted: true });
  });
}

describe('buckets in memory', () => {
  const buckets = createMemoryBuckets();
  behavesAsBuckets(() => buckets);

  test('never hold more than their capacity', async () => {
    let now = 0;
    const own = createMemoryBuckets(() => now);
    await own.take('a', { capacity: 10, perSecond: 1 }, 10);
    now = 1_000_000;
    expect(await own.take('a', { capacity: 10, perSecond: 1 }, 0)).toMatchObject({ remaining: 10 });
  });
});

describeOnServers('buckets in Redis', ['redis'], () => {
  let server: RedisServer;
  const clients: Redis[] = [];
  const log = recordingLog();
  const open = async (): Promise<Buckets> => {
    const client = new Redis(server.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 2_000 });
    client.on('error', () => undefined);
    clients.push(client);
    await new Promise((resolve) => client.once('ready', resolve));
    return createRedisBuckets(client, log);
  };
  let [one, other]: Buckets[] = [];
  const there = (buckets: Buckets | undefined): Buckets => buckets as Buckets;
  beforeAll(async () => {
    server = await startRedis();
    [one, other] = [await open(), await open()];
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server.stop();
  });

  behavesAsBuckets(() => there(one));

  test('are the same for all gateways, and forgotten when they are full again', async () => {
    await there(one).take('shared', slow, 9);
    expect((await there(other).take('shared', slow, 2)).granted).toBe(false);
    await there(one).take('soon', { capacity: 10, perSecond: 1_000 }, 10);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(await clients[0]?.keys('caregraph:bucket:soon')).toEqual([]);
  });

  test('are counted by each gateway alone while Redis is away', async () => {
    await server.stop();
    expect(await there(one).take('shared', slow, 9)).toMatchObject({ granted: true, remaining: 1 });
    expect((await there(one).take('shared', slow, 9)).granted).toBe(false);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

describe('rates', () => {
  const account = 'user:1';

  test('are counted for the address and for the account', async () => {
    const rates = createRates(createMemoryBuckets(), new Map([['mail', 1]]));
    await rates.take('mail', { address: '192.0.2.1', account }, 5);
    const refused = { code: 'RATE_LIMITED', details: { limit: 'mail', retryAfterSeconds: 60 } };
    await expect(rates.take('mail', { address: '192.0.2.1', account: undefined })).rejects.toMatchObject(refused);
    await expect(rates.take('mail', { address: '192.0.2.2', account })).rejects.toMatchObject(refused);
    await rates.take('mail', { address: '192.0.2.2', account: 'user:2' });
    await rates.take('export', { address: '192.0.2.1', account });
  });

  test('can be off', async () => {
    const rates = createRates(createMemoryBuckets(), 'off');
    await rates.take('mail', { address: '192.0.2.1' }, 1_000_000);
  });
});
