// Figures of answers that are shared or kept.
import { Counter, type Registry } from 'prom-client';

/** `bypass`: it may be kept, but it could not be told whether what is kept is good. */
export type CacheResult = 'hit' | 'miss' | 'bypass';

export interface AnswerMetrics {
  cached(result: CacheResult): void;
  /** A query was answered by the execution of another. */
  shared(): void;
}

export function createAnswerMetrics(registry: Registry): AnswerMetrics {
  const cache = new Counter({
    name: 'caregraph_response_cache_total',
    help: 'Queries whose answers may be kept, by whether a kept one was given (hit), asked for anew (miss) or neither (bypass)',
    labelNames: ['result'],
    registers: [registry],
  });
  const shared = new Counter({
    name: 'caregraph_shared_queries_total',
    help: 'Queries that were answered by the execution of another one',
    registers: [registry],
  });
  return { cached: (result) => cache.inc({ result }), shared: () => shared.inc() };
}
