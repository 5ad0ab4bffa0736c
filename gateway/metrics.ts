// What Prometheus reads at /metrics: operations, their errors and durations, and live connections. No label holds
// text of a client's choosing but the name of an operation, and of those only a bounded number.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AnswerMetrics } from './answers/answer-metrics.ts';
import { createAnswerMetrics } from './answers/answer-metrics.ts';
import type { CompileReport } from './execution/executor.ts';
import type { LiveMetrics } from './live/live-metrics.ts';
import { createLiveMetrics } from './live/live-metrics.ts';

const mostOperationNames = 500;

export interface Metrics {
  readonly registry: Registry;
  readonly sockets: Gauge;
  readonly streams: Gauge;
  readonly subscriptions: Gauge;
  readonly subscribed: Counter;
  readonly delivered: Counter;
  readonly supergraphChanges: Counter;
  readonly refusedContracts: Gauge;
  /** Says how many subscriptions a transport carries, whenever somebody reads the metrics. */
  countSubscriptions(transport: 'websocket' | 'sse', count: () => number): void;
  readonly live: LiveMetrics;
  readonly answers: AnswerMetrics;
  readonly faults: Counter;
  /** A service has answered, or not. */
  fetched(service: string, seconds: number, failed: boolean): void;
  /** An operation was found compiled, or was compiled. */
  compiled(report: CompileReport): void;
  operation(name: string | undefined, type: string, seconds: number, failed: boolean): void;
}

export function createMetrics(registry: Registry): Metrics {
  const durations = new Histogram({
    name: 'caregraph_operation_duration_seconds',
    help: 'Duration of GraphQL operations',
    labelNames: ['operation', 'type', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const fetches = new Histogram({
    name: 'caregraph_fetch_duration_seconds',
    help: 'Duration of what operations ask of services',
    labelNames: ['service', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const plans = new Histogram({
    name: 'caregraph_plan_duration_seconds',
    help: 'Time to plan and compile operations that were not known',
    labelNames: ['outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const planned = new Counter({
    name: 'caregraph_operations_known_total',
    help: 'Operations by whether they were compiled before (hit) or not (miss)',
    labelNames: ['cache'],
    registers: [registry],
  });
  const names = new Set<string>();
  const label = (name: string | undefined): string => {
    if (name === undefined) return 'anonymous';
    if (names.size < mostOperationNames) names.add(name);
    return names.has(name) ? name : 'other';
  };
  const counts = new Map<string, () => number>();
  new Gauge({
    name: 'caregraph_subscriptions_by_transport',
    help: 'Open subscriptions by what carries them to their clients',
    labelNames: ['transport'],
    registers: [registry],
    collect() {
      for (const [transport, count] of counts) this.set({ transport }, count());
    },
  });
  return {
    registry,
    sockets: new Gauge({ name: 'caregraph_open_sockets', help: 'Open WebSocket connections', registers: [registry] }),
    streams: new Gauge({
      name: 'caregraph_open_streams',
      help: 'Open streams of server-sent events',
      registers: [registry],
    }),
    subscriptions: new Gauge({
      name: 'caregraph_open_subscriptions',
      help: 'Open subscriptions',
      registers: [registry],
    }),
    subscribed: new Counter({
      name: 'caregraph_subscriptions_total',
      help: 'Subscriptions opened since the start',
      registers: [registry],
    }),
    delivered: new Counter({
      name: 'caregraph_events_delivered_total',
      help: 'Payloads handed to subscribers',
      registers: [registry],
    }),
    supergraphChanges: new Counter({
      name: 'caregraph_supergraph_changes_total',
      help: 'Supergraphs taken over since the start because a contract had changed',
      registers: [registry],
    }),
    refusedContracts: new Gauge({
      name: 'caregraph_supergraph_refused',
      help: 'Services whose present contract is refused because it does not compose',
      registers: [registry],
    }),
    faults: new Counter({
      name: 'caregraph_answer_faults_total',
      help: 'Answers in which something does not fit the API and no error says why',
      registers: [registry],
    }),
    fetched: (service, seconds, failed) => fetches.observe({ service, outcome: failed ? 'error' : 'ok' }, seconds),
    compiled({ outcome, milliseconds }) {
      planned.inc({ cache: outcome === 'known' ? 'hit' : 'miss' });
      if (outcome !== 'known') plans.observe({ outcome: outcome === 'refused' ? 'error' : 'ok' }, milliseconds / 1_000);
    },
    countSubscriptions: (transport, count) => counts.set(transport, count),
    live: createLiveMetrics(registry),
    answers: createAnswerMetrics(registry),
    operation: (name, type, seconds, failed) =>
      durations.observe({ operation: label(name), type, outcome: failed ? 'error' : 'ok' }, seconds),
  };
}
