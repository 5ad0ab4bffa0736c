// Live subscriptions over the feed of events: plans each operation and follows the log for it.
import { AppError, invariant } from '../../platform/errors.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { SubgraphTransport } from '../../platform/subgraph/transport.ts';
import { createFormatError } from '../format-error.ts';
import type { Metrics } from '../metrics.ts';
import type { SupergraphHolder } from '../supergraph-holder.ts';
import { closable } from './closable-results.ts';
import { followSubscription } from './follow-subscription.ts';
import type { LiveOperation, LiveRequest, LiveResult, LiveSubscriptions } from './live-subscriptions.ts';
import type { SubscriptionPlan } from './plan-subscription.ts';
import { createSubscriptionPlanner } from './plan-subscription.ts';

export interface LiveOptions {
  readonly supergraph: SupergraphHolder;
  readonly transports: ReadonlyMap<string, SubgraphTransport>;
  /** Undefined where the service `events` is not installed: then nothing can be followed. */
  readonly feed: EventFeed | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function startLiveSubscriptions(options: LiveOptions): LiveSubscriptions {
  const { supergraph, feed, transports, metrics, log } = options;
  const state = supergraph.current();
  const planner = createSubscriptionPlanner(state);
  const formatError = createFormatError(log);
  const open = new Set<AbortController>();

  function plan({ query, document, operationName }: LiveOperation): SubscriptionPlan {
    if (feed === undefined) throw new AppError('SERVICE_UNAVAILABLE', 'The service events is not installed.');
    return planner(query, document, operationName);
  }

  return {
    check(operation) {
      plan(operation);
    },
    open(request: LiveRequest): AsyncIterableIterator<LiveResult> {
      const planned = plan(request);
      const transport = transports.get(planned.service);
      invariant(transport !== undefined && feed !== undefined, 'what is planned can be followed');
      const topics = state.topics.get(planned.service)?.get(planned.field.name.value) ?? ['*'];
      const closing = new AbortController();
      open.add(closing);
      const results = followSubscription({
        feed,
        transport,
        topics: topics.includes('*') ? undefined : new Set(topics),
        plan: planned,
        state,
        variables: request.variables,
        authenticate: () => request.viewer.authenticate(),
        requestId: request.requestId,
        signal: closing.signal,
        formatError,
        log,
      });
      metrics.subscriptions.inc();
      metrics.subscribed.inc();
      return closable(serialised(results), {
        onItem: () => metrics.delivered.inc(),
        onClose: () => {
          open.delete(closing);
          metrics.subscriptions.dec();
          closing.abort();
        },
      });
    },
    close() {
      for (const closing of open) closing.abort();
    },
  };
}

async function* serialised(results: AsyncIterable<LiveResult['result']>): AsyncGenerator<LiveResult> {
  for await (const result of results) yield { result, json: JSON.stringify(result) };
}
