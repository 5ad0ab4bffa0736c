// Puts together how queries are answered, from the configuration: as they come, unless answers are shared or kept.
import type { AnswersConfig } from '../../platform/answers-config.ts';
import { systemClock } from '../../platform/clock.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';
import { connectRedis } from '../connect-redis.ts';
import type { ServedSupergraph } from '../served-supergraph.ts';
import type { AnswerMetrics } from './answer-metrics.ts';
import { answerQueries } from './answer-queries.ts';
import type { AnswerOperation } from './answer-query.ts';
import { executeOn } from './answer-query.ts';
import type { ChangesHere } from './changes-here.ts';
import { countChanges } from './changes-here.ts';
import type { AnswerStore } from './kept-answer.ts';
import { createProgressReader } from './log-progress.ts';
import { watchLog } from './log-watch.ts';
import { createMemoryStore } from './memory-store.ts';
import { createRedisStore } from './redis-store.ts';
import { createResponseCache } from './response-cache.ts';
import { createAnswerSealing } from './sealed-answer.ts';
import { shareRuns } from './share-runs.ts';
import { createSupergraphAnswers } from './supergraph-answers.ts';

export interface AnswersOptions {
  readonly config: { readonly answers: AnswersConfig; readonly redisUrl: string | undefined };
  readonly served: Pick<ServedSupergraph, 'executorOf' | 'composedOf'>;
  /** Undefined where there is no log: then nothing is kept. */
  readonly feed: EventFeed | undefined;
  readonly services: ServiceClient;
  readonly secret: string;
  readonly metrics: AnswerMetrics;
  readonly log: Logger;
}

export interface Answers {
  readonly answer: AnswerOperation;
  /** What may have been changed by other ways than by a mutation. */
  readonly changes: ChangesHere;
  close(): void;
}

const now = () => performance.now();

export async function openAnswers(options: AnswersOptions): Promise<Answers> {
  const { config, served, feed, services, metrics } = options;
  const changes = countChanges();
  const answer = executeOn(served);
  if (feed === undefined && config.answers.responseCache !== 'off') {
    options.log.warn({}, 'no answers are kept: there is no service that has the log of events');
  }
  const store = feed === undefined ? undefined : await openStore(options);
  if (store === undefined && !config.answers.shareQueries) return { answer, changes, close: () => undefined };
  const kept =
    store === undefined || feed === undefined
      ? undefined
      : { store, watch: watchLog({ feed, readProgress: createProgressReader(services), changes, now }) };
  return {
    answer: answerQueries({
      answer,
      cache: kept === undefined ? undefined : createResponseCache({ ...kept, changes }),
      sharing: config.answers.shareQueries ? shareRuns({ changes, now }) : undefined,
      supergraphs: createSupergraphAnswers(served),
      changes,
      metrics,
      clock: systemClock,
    }),
    changes,
    close() {
      kept?.watch.close();
      kept?.store.close();
    },
  };
}

async function openStore({ config, secret, log }: AnswersOptions): Promise<AnswerStore | undefined> {
  const { answers, redisUrl } = config;
  if (answers.responseCache === 'memory') return createMemoryStore({ mostBytes: answers.responseCacheBytes, now });
  if (answers.responseCache === 'off' || redisUrl === undefined) return undefined;
  const redis = await connectRedis(redisUrl, { commandMilliseconds: 250 });
  return createRedisStore({ redis, sealing: createAnswerSealing(secret), log, now });
}
