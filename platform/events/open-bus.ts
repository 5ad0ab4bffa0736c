// The bus that the configuration asks for: Redis between processes, memory within one.
import type { Config } from '../config.ts';
import type { Logger } from '../subgraph/context.ts';
import type { EventBus } from './bus.ts';
import { createLocalBus } from './local-bus.ts';

export async function openBus(config: Config, log: Logger): Promise<EventBus> {
  // Without Redis, a PostgreSQL server is meant for one process; but while one takes over from another, there are two.
  if (config.redisUrl === undefined) return createLocalBus({ onlyProcess: config.databaseUrl === undefined });
  // Its client takes memory, so it is loaded only where it is used.
  const { openRedisBus } = await import('./redis-bus.ts');
  return openRedisBus({ url: config.redisUrl, log });
}
