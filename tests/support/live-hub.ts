// Live subscriptions over running services in one process: what happened is published when a test says so.
import { parse } from 'graphql';
import { pino } from 'pino';
import { compose } from '../../gateway/compose.ts';
import { planHere } from '../../gateway/execution/plan-here.ts';
import type { LiveResult, LiveSubscriptions, LiveViewer } from '../../gateway/live/live-subscriptions.ts';
import { startLiveSubscriptions } from '../../gateway/live/start-live-subscriptions.ts';
import type { Metrics } from '../../gateway/metrics.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import { SubgraphDataSource } from '../../gateway/subgraph-data-source.ts';
import type { ChangeableSupergraph } from '../../gateway/supergraph-holder.ts';
import { createSupergraphHolder } from '../../gateway/supergraph-holder.ts';
import type { SupergraphState } from '../../gateway/supergraph-state.ts';
import { buildSupergraphState } from '../../gateway/supergraph-state.ts';
import type { LogEvent, LogPage } from '../../platform/events/event.ts';
import { startEventFeed } from '../../platform/events/event-feed.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import { createLocalBus } from '../../platform/events/local-bus.ts';
import { readLog } from '../../platform/events/log.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { anonymous, identityFrom } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { createRegistry } from '../../platform/metrics/registry.ts';
import { subscriptionTopics } from '../../platform/subgraph/contract.ts';
import type { SubgraphTransport } from '../../platform/subgraph/transport.ts';
import { eventually } from './file-client.ts';
import type { TestSubgraphs } from './subgraphs.ts';

/** A subscription as a client holds it, that takes whatever comes. */
export interface HeldSubscription {
  readonly results: LiveResult[];
  /** What ended it. */
  readonly ended: Promise<unknown>;
  /** Waits for so many results. */
  received(count: number): Promise<LiveResult[]>;
  close(): Promise<void>;
}

export interface LiveHub {
  readonly live: LiveSubscriptions;
  readonly metrics: Metrics;
  readonly supergraph: ChangeableSupergraph;
  readonly feed: EventFeed;
  readonly transports: Map<string, SubgraphTransport>;
  /** Another state over the same services, with other contracts. */
  stateOf(contracts: readonly { name: string; sdl: string }[]): SupergraphState;
  open(
    query: string,
    viewer: LiveViewer,
    variables?: Record<string, unknown>,
  ): Promise<AsyncIterableIterator<LiveResult>>;
  subscribe(query: string, viewer: LiveViewer, variables?: Record<string, unknown>): HeldSubscription;
  /** Gives what was written its positions, and hands it to the bus, so many events at once. */
  publish(atOnce?: number): Promise<readonly LogEvent[]>;
  count(name: keyof Metrics['live']): Promise<number>;
  /** Resolves when all that are open keep up with the log. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Somebody who is signed in for as long as the test wants, and counts how often it was asked who it is. */
export function viewerOf(identity: () => IdentityData): LiveViewer & { readonly asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    authenticate: async () => {
      asked += 1;
      return { identity: identityFrom(identity()), sessionId: newId() };
    },
  };
}

export const nobody: LiveViewer = { authenticate: async () => ({ identity: anonymous }) };

export async function startLiveHub(
  graph: TestSubgraphs,
  names: readonly string[],
  { through = (transport: SubgraphTransport) => transport, onLogRead = () => {} } = {},
): Promise<LiveHub> {
  const log = pino({ level: 'silent' });
  const transports = new Map(names.map((name) => [name, through(graph.subgraph(name))]));
  const metrics = createMetrics(createRegistry());
  const parts = { metrics, log, identityOf: async () => anonymous };
  const dataSources = Object.fromEntries(
    [...transports].map(([name, transport]) => [name, new SubgraphDataSource(name, transport, parts)]),
  );
  const stateOf = (contracts: readonly { name: string; sdl: string }[]) =>
    buildSupergraphState({
      supergraphSdl: compose(contracts).supergraphSdl,
      dataSources,
      planner: planHere,
      topics: new Map(contracts.map(({ name, sdl }) => [name, subscriptionTopics(parse(sdl))])),
    });
  const supergraph = createSupergraphHolder(stateOf(names.map((name) => ({ name, sdl: graph.subgraph(name).sdl }))));
  const bus = createLocalBus();
  const events = graph.database.forService<'event' | 'logHead'>('events');
  const read = (after: bigint, first: number): Promise<LogPage> => {
    onLogRead();
    return readLog(events.db, after, first);
  };
  const feed = startEventFeed({ bus, readLog: read, log });
  const live = startLiveSubscriptions({ supergraph, transports, feed, metrics, log });
  let published = (await graph.readLog()).at(-1)?.position ?? 0n;

  const hub: LiveHub = {
    live,
    metrics,
    supergraph,
    feed,
    transports,
    stateOf,
    open: (query, viewer, variables = {}) =>
      live.open({ query, document: parse(query), operationName: undefined, variables, viewer, requestId: newId() }),
    subscribe: (query, viewer, variables) => hold(hub.open(query, viewer, variables)),
    async publish(atOnce = 100) {
      const fresh = await graph.readLog(published);
      published = fresh.at(-1)?.position ?? published;
      for (let start = 0; start < fresh.length; start += atOnce) await bus.publish(fresh.slice(start, start + atOnce));
      return fresh;
    },
    count: async (name) => (await metrics.live[name].get()).values[0]?.value ?? 0,
    settled: () =>
      eventually(async () => {
        const open = (await metrics.subscriptions.get()).values[0]?.value;
        return (await metrics.live.keepingUp.get()).values[0]?.value === open;
      }),
    async close() {
      live.close();
      feed.close();
      await bus.close();
    },
  };
  return hub;
}

function hold(opening: Promise<AsyncIterableIterator<LiveResult>>): HeldSubscription {
  const results: LiveResult[] = [];
  const run = async () => {
    for await (const result of await opening) results.push(result);
  };
  const ended = run().catch((error: unknown) => error);
  return {
    results,
    ended,
    async received(count) {
      await eventually(async () => results.length >= count);
      return results;
    },
    async close() {
      await (await opening).return?.();
      await ended;
    },
  };
}
