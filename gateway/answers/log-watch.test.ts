// What is known of the log: enough to say that an answer is current, or not enough.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LogEvent } from '../../platform/events/event.ts';
import { startEventFeed } from '../../platform/events/event-feed.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import { createLocalBus } from '../../platform/events/local-bus.ts';
import { type ChangesHere, countChanges } from './changes-here.ts';
import type { LogProgress } from './log-progress.ts';
import type { LogWatch } from './log-watch.ts';
import { ofService, ofTopic, watchLog } from './log-watch.ts';

let events: LogEvent[];
let waitingSeconds: number | undefined;
let isAway: boolean;
let asked: number;
let time: number;
let feed: EventFeed;
let changes: ChangesHere;
let watch: LogWatch;
const bus = createLocalBus();

function append(service: string, type: string): LogEvent {
  const position = BigInt(events.length + 1);
  const event = { id: `${position}`, position, service, type, content: {}, access: null, createdAt: new Date(0) };
  events.push(event);
  return event;
}
const publish = (service: string, type: string) => bus.publish([append(service, type)]);

async function readProgress(): Promise<LogProgress> {
  asked += 1;
  if (isAway) throw new Error('away');
  return { newest: BigInt(events.length), waitingSeconds };
}

beforeEach(async () => {
  [events, waitingSeconds, isAway, asked, time] = [[], undefined, false, 0, 0];
  append('data', 'before');
  feed = startEventFeed({
    bus,
    readLog: async (after, first) => ({
      oldest: 1n,
      newest: BigInt(events.length),
      events: events.slice(Number(after), Number(after) + first),
    }),
    log: { warn: () => {} },
  });
  changes = countChanges();
  watch = watchLog({ feed, readProgress, changes, now: () => time });
  await feed.head(new AbortController().signal);
  await new Promise(setImmediate);
});
afterEach(() => {
  watch.close();
  feed.close();
});

const current = async (since: bigint, ...dependsOn: string[]) => (await watch.look())?.isCurrent(since, dependsOn);

describe('an answer', () => {
  test('is current until an event comes that it depends on', async () => {
    expect(watch.position()).toBe(1n);
    expect(await current(1n, ofService('data'), ofTopic('changed'))).toBe(true);
    await publish('files', 'uploaded');
    expect(await current(1n, ofService('data'), ofTopic('changed'))).toBe(true);
    await publish('data', 'changed');
    expect(await current(1n, ofService('data'))).toBe(false);
    expect(await current(1n, ofTopic('changed'))).toBe(false);
    expect(await current(1n, ofService('users'))).toBe(true);
    expect(watch.position()).toBe(3n);
    expect(await current(3n, ofService('data'), ofTopic('changed'))).toBe(true);
  });

  test('from before this gateway looked at the log is never current', async () => {
    expect(await current(0n, ofService('users'))).toBe(false);
  });

  test('from beyond what this gateway has seen is not current yet', async () => {
    expect(await current(2n, ofService('users'))).toBe(false);
    await publish('files', 'uploaded');
    expect(await current(2n, ofService('users'))).toBe(true);
  });
});

describe('nothing is known', () => {
  test('when the log has not answered for ten seconds', async () => {
    expect(await watch.look()).toBeDefined();
    isAway = true;
    time = 9_999;
    expect(await watch.look()).toBeDefined();
    time = 10_001;
    expect(await watch.look()).toBeUndefined();
    isAway = false;
    time = 11_000;
    expect(await watch.look()).toBeDefined();
  });

  test('of a log that does not answer, and requests do not wait for it one by one', async () => {
    isAway = true;
    for (let count = 0; count < 5; count += 1) expect(await watch.look()).toBeUndefined();
    expect(asked).toBe(1);
    time = 1_000;
    expect(await watch.look()).toBeUndefined();
    expect(asked).toBe(2);
  });

  test('when the log has events that have not come here', async () => {
    append('data', 'changed');
    expect(await watch.look()).toBeUndefined();
  });

  test('when events wait, and nobody gives them positions', async () => {
    waitingSeconds = 3;
    expect(await watch.look()).toBeUndefined();
    waitingSeconds = 1;
    time = 1_000;
    expect(await watch.look()).toBeDefined();
  });

  test('when the log was put back', async () => {
    await publish('data', 'changed');
    await watch.look();
    events.pop();
    time = 20_000;
    expect(await watch.look()).toBeUndefined();
  });
});

test('the log is asked once a second while nothing changes, however many look', async () => {
  await Promise.all([watch.look(), watch.look(), watch.look()]);
  for (time = 0; time <= 1_000; time += 100) await watch.look();
  expect(asked).toBe(1);
  time = 1_001;
  await Promise.all([watch.look(), watch.look()]);
  expect(asked).toBe(2);
});

describe('changes that were made here', () => {
  const seen = async () => (await watch.look())?.hasSeenOwnChanges();
  const later = async () => {
    time += 51;
    await watch.look();
    await new Promise(setImmediate);
  };

  test('are seen when the log was asked after them, and nothing waited', async () => {
    expect(await seen()).toBe(true);
    changes.note();
    expect(await seen()).toBe(false);
    await later();
    expect(await seen()).toBe(true);
  });

  test('are not while an event waits, which may be theirs', async () => {
    await watch.look();
    waitingSeconds = 0.1;
    changes.note();
    await later();
    expect(await seen()).toBe(false);
    waitingSeconds = undefined;
    await publish('data', 'changed');
    await later();
    expect(await seen()).toBe(true);
    expect(await current(1n, ofService('data'))).toBe(false);
  });
});
