// The part of the configuration that says which answers are given to more than one request: docs/caching.md explains it.
import { z } from 'zod';

const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

export const answersShape = {
  SHARE_QUERIES: flag.optional(),
  RESPONSE_CACHE: z.enum(['off', 'memory', 'redis']).default('off'),
  RESPONSE_CACHE_MB: z.coerce.number().int().min(1).max(100_000).default(64),
};

export interface AnswersConfig {
  /** Whether the same query, asked at the same time by those with the same rights, is run once. */
  readonly shareQueries: boolean;
  /** Where answers are kept. */
  readonly responseCache: 'off' | 'memory' | 'redis';
  /** How much memory they may take. */
  readonly responseCacheBytes: number;
}

interface Values {
  readonly SHARE_QUERIES?: boolean | undefined;
  readonly RESPONSE_CACHE: AnswersConfig['responseCache'];
  readonly RESPONSE_CACHE_MB: number;
  readonly REDIS_URL?: string | undefined;
}

export function answersFrom(values: Values): AnswersConfig {
  return {
    shareQueries: values.SHARE_QUERIES ?? false,
    responseCache: values.RESPONSE_CACHE,
    responseCacheBytes: values.RESPONSE_CACHE_MB * 1_024 * 1_024,
  };
}

/** What does not fit together; undefined when all does. */
export function answersFault(values: Values): string | undefined {
  if (values.RESPONSE_CACHE === 'redis' && values.REDIS_URL === undefined) {
    return 'RESPONSE_CACHE: redis needs REDIS_URL';
  }
  return undefined;
}
