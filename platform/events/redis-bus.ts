// The bus between processes: a Redis stream for events, a channel for wake-ups. Redis may be away or come back empty:
// readers go on with what is new then, and what they missed is in the log.
import { setTimeout as pause } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../subgraph/context.ts';
import type { EventBus } from './bus.ts';
import type { LogEvent, LogEventData } from './event.ts';
import { logEventData, logEventFrom } from './event.ts';

export interface RedisBusOptions {
  readonly url: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

type Listener = (events: readonly LogEvent[]) => void;

const streamKey = 'caregraph:events';
const wakeChannel = 'caregraph:wake';
/** About so many events stay in the stream: enough for readers that were cut off for a moment. The log has all. */
const streamLength = 10_000;
const readAtOnce = 500;
const blockMs = 5_000;

const everyConnection: RedisOptions = { retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2_000) };

export function openRedisBus({ url, log }: RedisBusOptions): EventBus {
  const connect = (what: string, options: RedisOptions): Redis => {
    const client = new Redis(url, { ...everyConnection, ...options });
    let away = false;
    client.on('error', (error: Error) => {
      if (!away) log.warn({ err: error, connection: what }, 'Redis is away; connecting again');
      away = true;
    });
    client.on('ready', () => {
      if (away) log.info({ connection: what }, 'Redis is back');
      away = false;
    });
    return client;
  };
  // Commands fail soon when Redis is away: the relay must go on numbering.
  const commands = connect('commands', { maxRetriesPerRequest: 1, commandTimeout: 2_000 });
  let reader: StreamReader | undefined;
  let waker: Redis | undefined;
  const wakeListeners = new Set<() => void>();
  return {
    joinsAll: true,
    publish: (events) => addToStream(commands, events),
    newest: async () => {
      const position = positionOf(await newestId(commands));
      return position === 0n ? undefined : position;
    },
    // Readers find out that it was emptied (below).
    forget: async () => {
      await commands.del(streamKey);
    },
    subscribe(listener) {
      // Reading blocks a connection, so it has one of its own. Answers come every few seconds, if empty ones.
      reader ??= startStreamReader(
        connect('reader', { maxRetriesPerRequest: null, socketTimeout: blockMs * 3, commandTimeout: undefined }),
      );
      return reader.add(listener);
    },
    wake() {
      commands.publish(wakeChannel, '').catch(() => {});
    },
    onWake(listener) {
      if (waker === undefined) {
        waker = connect('wake-ups', { maxRetriesPerRequest: null });
        waker.subscribe(wakeChannel).catch(() => {});
        waker.on('message', () => {
          for (const wake of [...wakeListeners]) wake();
        });
      }
      const own = () => listener();
      wakeListeners.add(own);
      return () => {
        wakeListeners.delete(own);
      };
    },
    ping: async () => {
      await commands.ping();
    },
    async close() {
      reader?.close();
      for (const client of [commands, waker]) client?.disconnect();
    },
  };
}

/** Each event under its position, so that a second relay that sends it again adds nothing. */
async function addToStream(commands: Redis, events: readonly LogEvent[]): Promise<void> {
  const pipeline = commands.pipeline();
  for (const event of events) {
    const entry = JSON.stringify(logEventData(event));
    pipeline.xadd(streamKey, 'MAXLEN', '~', streamLength, `${event.position}-0`, 'event', entry);
  }
  for (const [error] of (await pipeline.exec()) ?? []) {
    if (error !== null && !error.message.includes('equal or smaller')) throw error;
  }
}

interface StreamReader {
  add(listener: Listener): () => void;
  close(): void;
}

function startStreamReader(client: Redis): StreamReader {
  const listeners = new Set<Listener>();
  let closed = false;

  async function run(): Promise<void> {
    let last: string | undefined;
    while (!closed) {
      try {
        last ??= await newestId(client);
        const entries = await entriesAfter(client, last);
        last = entries.at(-1)?.id ?? (await whereToGoOn(client, last));
        const events = entries.flatMap(({ event }) => event ?? []);
        if (events.length > 0) for (const listener of [...listeners]) listener(events);
      } catch {
        // The connection reports its errors itself, and comes back by itself.
        if (!closed) await pause(200);
      }
    }
  }

  void run();
  return {
    add(listener) {
      const own: Listener = (events) => listener(events);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    close() {
      closed = true;
      listeners.clear();
      client.disconnect();
    },
  };
}

interface StreamEntry {
  readonly id: string;
  readonly event: LogEvent | undefined;
}

async function entriesAfter(client: Redis, id: string): Promise<StreamEntry[]> {
  const streams = await client.xread('COUNT', readAtOnce, 'BLOCK', blockMs, 'STREAMS', streamKey, id);
  const entries = streams?.[0]?.[1] ?? [];
  return entries.map(([entryId, [, text]]) => ({ id: entryId, event: parseEvent(text) }));
}

/** Undefined for what is not an event: readers find the gap, and the event in the log. */
function parseEvent(text: string | undefined): LogEvent | undefined {
  try {
    return logEventFrom(JSON.parse(text ?? '') as LogEventData);
  } catch {
    return undefined;
  }
}

async function newestId(client: Redis): Promise<string> {
  const [newest] = await client.xrevrange(streamKey, '+', '-', 'COUNT', 1);
  return newest?.[0] ?? '0-0';
}

/** After a time without entries: where it was, unless the stream was emptied and begun again with smaller ids. */
async function whereToGoOn(client: Redis, last: string): Promise<string> {
  const newest = await newestId(client);
  return positionOf(newest) < positionOf(last) ? '0-0' : last;
}

function positionOf(id: string): bigint {
  return BigInt(id.split('-', 1)[0] ?? 0);
}
