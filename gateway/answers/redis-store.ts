// Answers kept in Redis, for all gateways together. While Redis is away, or slow, each request is run as if there was none.
import type { Redis } from 'ioredis';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { AnswerStore } from './kept-answer.ts';
import type { AnswerSealing } from './sealed-answer.ts';

const prefix = 'caregraph:answer:';
/** So long after a failure Redis is not asked: requests must not wait for it one by one. */
const restMilliseconds = 1_000;

export interface RedisStoreOptions {
  /** It must fail commands at once while Redis is away, and not keep them. */
  readonly redis: Pick<Redis, 'getBuffer' | 'set' | 'disconnect'>;
  readonly sealing: AnswerSealing;
  readonly log: Pick<Logger, 'warn'>;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

export function createRedisStore({ redis, sealing, log, now }: RedisStoreOptions): AnswerStore {
  let restsUntil = Number.NEGATIVE_INFINITY;
  let isAway = false;

  async function ask<T>(command: () => Promise<T>): Promise<T> {
    if (now() < restsUntil) throw new Error('Redis was away a moment ago');
    try {
      const answer = await command();
      isAway = false;
      return answer;
    } catch (error) {
      if (!isAway) log.warn({ reason: (error as Error).message }, 'no answers are kept: no Redis');
      isAway = true;
      restsUntil = now() + restMilliseconds;
      throw error;
    }
  }

  return {
    async find(key) {
      const name = sealing.nameOf(key);
      const sealed = await ask(() => redis.getBuffer(`${prefix}${name}`));
      return sealed === null ? undefined : sealing.open(name, sealed);
    },
    async keep(key, answer, seconds) {
      const name = sealing.nameOf(key);
      const sealed = sealing.seal(name, answer);
      await ask(() => redis.set(`${prefix}${name}`, sealed, 'PX', seconds * 1_000)).catch(() => undefined);
    },
    close: () => redis.disconnect(),
  };
}
