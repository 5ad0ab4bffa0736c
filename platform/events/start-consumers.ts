// The consumers of a process: one for each of its services that handles events, all fed from one view of the log.
import type { EventBus } from './bus.ts';
import { type Consumer, type ConsumerOptions, startConsumer } from './consumer.ts';
import type { EventHandlers } from './event.ts';
import { startEventFeed } from './event-feed.ts';
import { type LogDatabase, readLog } from './log.ts';

export interface ConsumersOptions extends Omit<ConsumerOptions, 'feed' | 'service' | 'handlers'> {
  readonly bus: EventBus;
  /** Service → its handlers. */
  readonly services: ReadonlyMap<string, EventHandlers>;
}

/** Consumers are never far behind, and one that is reads the log. */
const remembered = 200;

export function startConsumers({ bus, services, ...options }: ConsumersOptions): Consumer {
  const handling = [...services].filter(([, handlers]) => Object.keys(handlers).length > 0);
  if (handling.length === 0) return { close: async () => {} };
  const log: LogDatabase = options.database.forService('events');
  const feed = startEventFeed({
    bus,
    readLog: (after, first) => readLog(log.db, after, first),
    log: options.log,
    memory: remembered,
    checkMs: options.database.connection.exclusive ? 30_000 : 5_000,
  });
  const consumers = handling.map(([service, handlers]) => startConsumer({ ...options, feed, service, handlers }));
  return {
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.close()));
      feed.close();
    },
  };
}
