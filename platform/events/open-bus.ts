// The bus that the configuration asks for: Redis between processes, memory within one.
import type { Config } from '../config.ts';
import type { Logger } from '../subgraph/context.ts';
import type { EventBus } from './bus.ts';
import { createLocalBus } from './local-bus.ts';
import { openRedisBus } from './redis-bus.ts';

export async function openBus(config: Config, log: Logger): Promise<EventBus> {
  return config.redisUrl === undefined ? createLocalBus() : openRedisBus({ url: config.redisUrl, log });
}
