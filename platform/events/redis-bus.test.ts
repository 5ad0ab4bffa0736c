// The bus between processes, on a real Redis: what arrives, and what happens when Redis goes and comes back empty.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type RedisServer, startRedis } from '../../operations/servers/redis.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import type { EventBus } from './bus.ts';
import type { LogEvent, LogPage } from './event.ts';
import { startEventFeed } from './event-feed.ts';
import { openRedisBus } from './redis-bus.ts';

const silent = { info: () => {}, warn: () => {} };

function eventAt(position: number): LogEvent {
  return {
    id: `${position}`,
    position: BigInt(position),
    service: 'data',
    type: 'changed',
    content: { text: 'ü' },
    access: { groupIds: ['a'] },
    createdAt: new Date(position),
  };
}

const eventsAt = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => eventAt(from + index));

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it does not come about');
    await pause(10);
  }
}

describeOnServers('the bus on Redis', ['redis'], () => {
  let server: RedisServer;
  let sender: EventBus;
  let receiver: EventBus;
  const got: LogEvent[] = [];

  beforeEach(async () => {
    server = await startRedis();
    sender = openRedisBus({ url: server.url, log: silent });
    receiver = openRedisBus({ url: server.url, log: silent });
    got.length = 0;
    receiver.subscribe((events) => got.push(...events));
    await receiver.ping();
    await pause(50);
  });
  afterEach(async () => {
    await Promise.all([sender.close(), receiver.close()]);
    await server.stop();
  });

  test('while Redis is away, publishing and ping reject soon, and waking does not throw', async () => {
    await server.crash();
    const started = Date.now();
    sender.wake();
    await expect(sender.publish([eventAt(1)])).rejects.toThrow();
    await expect(sender.ping()).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  test('events arrive in order and as they were; what is sent again is not', async () => {
    await sender.publish(eventsAt(1, 3));
    await sender.publish(eventsAt(2, 700));
    await until(() => got.length >= 700);
    await pause(50);
    expect(got).toEqual(eventsAt(1, 700));
  });

  test('when Redis comes back empty, new events arrive, wherever their positions go on', async () => {
    let wakes = 0;
    receiver.onWake(() => {
      wakes += 1;
    });
    await sender.publish(eventsAt(1, 5));
    await until(() => got.length === 5);
    await server.crash();
    await pause(100);
    await server.restart();
    await until(() =>
      sender.publish([eventAt(100)]).then(
        () => true,
        () => false,
      ),
    );
    await until(() => got.length === 6);
    expect(got.at(-1)).toEqual(eventAt(100));
    await until(async () => {
      sender.wake();
      await pause(20);
      return wakes > 0;
    });
  });

  test('a stream that was emptied because it is of another log begins anew, with smaller positions', async () => {
    await sender.publish(eventsAt(1_000, 1_002));
    await until(() => got.length === 3);
    await sender.forget();
    expect(await sender.newest()).toBeUndefined();
    await sender.publish(eventsAt(4, 5));
    await until(() => got.length === 5);
    expect(got.slice(3)).toEqual(eventsAt(4, 5));
    expect(await sender.newest()).toBe(5n);
  });

  test('a follower gets everything once and in order through a loss of Redis', async () => {
    const log: LogEvent[] = [];
    const readLog = async (after: bigint, first: number): Promise<LogPage> => ({
      oldest: 1n,
      newest: BigInt(log.length),
      events: log.slice(Number(after), Number(after) + first),
    });
    const happens = async (count: number) => {
      const events = eventsAt(log.length + 1, log.length + count);
      log.push(...events);
      await sender.publish(events).catch(() => {});
    };
    const feed = startEventFeed({ bus: receiver, readLog, log: silent, checkMs: 500 });
    const ending = new AbortController();
    const followed: bigint[] = [];
    const following = (async () => {
      for await (const { events } of feed.follow({ after: 0n, types: undefined, signal: ending.signal })) {
        followed.push(...events.map(({ position }) => position));
      }
    })();
    await happens(10);
    await until(() => followed.length === 10);
    await server.crash();
    await happens(5);
    await until(() => followed.length === 15);
    await server.restart();
    await happens(5);
    await happens(5);
    await until(() => followed.length === 25);
    ending.abort();
    await following;
    feed.close();
    expect(followed).toEqual(log.map(({ position }) => position));
  });

  test('a wake-up reaches every listener', async () => {
    let wakes = 0;
    for (const bus of [sender, receiver]) {
      bus.onWake(() => {
        wakes += 1;
      });
    }
    await pause(50);
    sender.wake();
    await until(() => wakes === 2);
  });
});
