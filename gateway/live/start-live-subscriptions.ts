// Live subscriptions over the feed of events: plans each operation once, keeps an upstream for each operation with its
// variables, and plans them anew when another supergraph takes over.
import { specifiedRules, validate } from 'graphql';
import { AppError, invariant } from '../../platform/errors.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import { newId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { SubgraphTransport } from '../../platform/subgraph/transport.ts';
import { formatError } from '../format-error.ts';
import type { Metrics } from '../metrics.ts';
import type { SupergraphHolder } from '../supergraph-holder.ts';
import type { LiveOperation, LiveRequest, LiveResult, LiveSubscriptions } from './live-subscriptions.ts';
import { operationKey } from './operation-key.ts';
import type { SubscriptionPlan } from './plan-subscription.ts';
import { createSubscriptionPlanner, rootArguments } from './plan-subscription.ts';
import type { ServedOperation } from './serve-events.ts';
import { Subscriber } from './subscriber.ts';
import { Upstream } from './upstream.ts';
import type { ViewerCallers } from './viewer-callers.ts';
import { createViewerCallers } from './viewer-callers.ts';

export interface LiveOptions {
  readonly supergraph: SupergraphHolder;
  readonly transports: ReadonlyMap<string, SubgraphTransport>;
  /** Undefined where the service `events` is not installed: then nothing can be followed. */
  readonly feed: EventFeed | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function startLiveSubscriptions(options: LiveOptions): LiveSubscriptions {
  if (options.feed === undefined) return nothingToFollow;
  return new FeedSubscriptions({ ...options, feed: options.feed });
}

/** Milliseconds that planning takes the processor for at a time. */
const longestTurn = 10;

type Request = Pick<LiveRequest, keyof LiveOperation | 'variables'>;

interface OpenUpstream {
  readonly upstream: Upstream;
  readonly request: Request;
}

class FeedSubscriptions implements LiveSubscriptions {
  readonly #options: LiveOptions & { readonly feed: EventFeed };
  readonly #callers: ViewerCallers;
  readonly #formatError: ServedOperation['formatError'];
  readonly #upstreams = new Map<string, OpenUpstream>();
  readonly #open = new Set<Subscriber>();
  readonly #stopWatching: () => void;
  #plan: (operation: LiveOperation) => SubscriptionPlan | Promise<SubscriptionPlan>;

  constructor(options: LiveOptions & { readonly feed: EventFeed }) {
    this.#options = options;
    this.#callers = createViewerCallers(options.feed);
    this.#formatError = (error) => formatError(error, options.log);
    this.#plan = this.#planner();
    this.#stopWatching = options.supergraph.onChange(() => void this.#planAnew());
  }

  async check(operation: LiveOperation): Promise<void> {
    await this.#plan(operation);
  }

  async open(request: LiveRequest): Promise<AsyncIterableIterator<LiveResult>> {
    const { feed, metrics, log } = this.#options;
    const found = this.#plan(request);
    let plan = found instanceof Promise ? await found : found;
    // While it was planned, another supergraph has taken over.
    while (plan.state !== this.#options.supergraph.current()) plan = await this.#plan(request);
    let after: bigint | undefined;
    try {
      after = startPosition(rootArguments(plan, request.variables).after);
    } catch (error) {
      return failed(error);
    }
    const upstream = this.#upstreamFor(request, plan);
    const subscriber = new Subscriber({ upstream, feed, metrics, log, after, onEnd: () => this.#closed(subscriber) });
    upstream.add(subscriber);
    this.#open.add(subscriber);
    metrics.subscriptions.inc();
    metrics.subscribed.inc();
    void subscriber.start((onEnd) => this.#callers.keep(request.viewer, onEnd));
    return resultsOf(subscriber, () => metrics.delivered.inc());
  }

  close(): void {
    this.#stopWatching();
    for (const subscriber of [...this.#open]) subscriber.end(undefined);
  }

  #closed(subscriber: Subscriber): void {
    this.#open.delete(subscriber);
    this.#options.metrics.subscriptions.dec();
  }

  #upstreamFor(request: LiveRequest, plan: SubscriptionPlan): Upstream {
    const key = operationKey(request, plan, request.variables);
    const known = this.#upstreams.get(key);
    if (known !== undefined) return known.upstream;
    const { feed, metrics, log } = this.#options;
    const onEmpty = () => {
      this.#upstreams.delete(key);
      metrics.live.upstreams.dec();
    };
    const operation = this.#served(request, plan);
    const upstream = new Upstream(operation, { feed, callers: this.#callers, metrics, log, onEmpty });
    const { query, document, operationName, variables } = request;
    this.#upstreams.set(key, { upstream, request: { query, document, operationName, variables } });
    metrics.live.upstreams.inc();
    return upstream;
  }

  #served({ variables }: Request, plan: SubscriptionPlan): Omit<ServedOperation, 'signal'> {
    const { state } = plan;
    const transport = this.#options.transports.get(plan.service);
    invariant(transport !== undefined, 'a service of the supergraph can be asked');
    const types = state.topics.get(plan.service)?.get(plan.field.name.value) ?? ['*'];
    const topics = types.includes('*') ? undefined : new Set(types);
    return { state, plan, transport, topics, variables, requestId: newId(), formatError: this.#formatError };
  }

  #planner(): (operation: LiveOperation) => SubscriptionPlan | Promise<SubscriptionPlan> {
    const plan = createSubscriptionPlanner(this.#options.supergraph.current());
    return ({ query, document, operationName }) => plan(query, document, operationName);
  }

  /** Each text once, with whatever variables it runs; what else is asked of the gateway comes in between. */
  async #planAnew(): Promise<void> {
    const plan = this.#planner();
    this.#plan = plan;
    const planned = new Map<string, SubscriptionPlan | Error>();
    let since = performance.now();
    for (const [key, { upstream, request }] of [...this.#upstreams]) {
      if (performance.now() - since > longestTurn) {
        await new Promise(setImmediate);
        since = performance.now();
      }
      const text = `${request.operationName ?? ''}\n${request.query}`;
      const outcome = planned.get(text) ?? (await this.#fit(request));
      planned.set(text, outcome);
      // Another supergraph has taken over meanwhile, and plans all of them again.
      if (this.#plan !== plan) return;
      if (this.#upstreams.get(key)?.upstream !== upstream) continue;
      this.#goOn(upstream, request, outcome);
    }
  }

  /** The plan of an operation that was planned for another supergraph, or why it has none. */
  async #fit(request: Request): Promise<SubscriptionPlan | Error> {
    try {
      const [fault] = validate(this.#options.supergraph.current().schema, request.document, specifiedRules);
      return fault ?? (await this.#plan(request));
    } catch (error) {
      return error as Error;
    }
  }

  #goOn(upstream: Upstream, request: Request, planned: SubscriptionPlan | Error): void {
    try {
      if (planned instanceof Error) throw planned;
      rootArguments(planned, request.variables);
      upstream.replace(this.#served(request, planned));
    } catch (error) {
      this.#options.log.info({ reason: (error as Error).message }, 'a subscription does not fit the new supergraph');
      upstream.end(new AppError('SUBSCRIPTION_SCHEMA_RELOAD'));
    }
  }
}

const nothingToFollow: LiveSubscriptions = {
  check: refuse,
  open: refuse,
  close: () => undefined,
};

async function refuse(): Promise<never> {
  throw new AppError('SERVICE_UNAVAILABLE', 'The service events is not installed.');
}

function resultsOf(subscriber: Subscriber, onResult: () => void): AsyncIterableIterator<LiveResult> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const item = await subscriber.take();
      if (!item.done) onResult();
      return item;
    },
    async return() {
      subscriber.end(undefined);
      return { done: true, value: undefined };
    },
  };
}

function failed(error: unknown): AsyncIterableIterator<LiveResult> {
  return (async function* (): AsyncGenerator<LiveResult> {
    yield* [];
    throw error;
  })();
}

const positionShape = /^(0|[1-9]\d{0,18})$/;

function startPosition(after: unknown): bigint | undefined {
  if (after === undefined || after === null) return undefined;
  if (typeof after === 'string' && positionShape.test(after)) return BigInt(after);
  throw new AppError('BAD_USER_INPUT', 'after: a position is digits in a string, as it came with an event.', {
    field: 'after',
  });
}
