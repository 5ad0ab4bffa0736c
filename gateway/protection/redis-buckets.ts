// Token buckets in Redis: all gateways count together, by the clock of Redis. While Redis is away each counts by itself.
import type { Redis } from 'ioredis';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { Buckets } from './buckets.ts';
import { createMemoryBuckets, taken } from './buckets.ts';

const prefix = 'caregraph:bucket:';

/** Answers whether it was granted, and what is left in thousandths. A bucket that is full again is forgotten. */
const script = `
local capacity, perSecond, amount = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = math.min(capacity, (tonumber(bucket[1]) or capacity) + math.max(0, now - (tonumber(bucket[2]) or now)) / 1000 * perSecond)
local granted = amount <= left
if granted then left = left - amount end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - left) / perSecond * 1000) + 1000)
return { granted and 1 or 0, math.floor(left * 1000) }
`;

type Take = (key: string, capacity: number, perSecond: number, amount: number) => Promise<[number, number]>;

/** The connection must fail commands at once while Redis is away, and not keep them. */
export function createRedisBuckets(redis: Redis, log: Pick<Logger, 'warn'>): Buckets {
  redis.defineCommand('caregraphTake', { numberOfKeys: 1, lua: script });
  const run = (redis as unknown as { caregraphTake: Take }).caregraphTake.bind(redis);
  const alone = createMemoryBuckets();
  let away = false;
  return {
    async take(key, size, amount) {
      try {
        const [granted, thousandths] = await run(`${prefix}${key}`, size.capacity, size.perSecond, amount);
        away = false;
        const remaining = thousandths / 1_000;
        return taken({ granted: granted === 1, remaining, missing: amount - remaining, perSecond: size.perSecond });
      } catch (error) {
        if (!away) log.warn({ reason: (error as Error).message }, 'limits are counted by this gateway alone: no Redis');
        away = true;
        return alone.take(key, size, amount);
      }
    },
  };
}
