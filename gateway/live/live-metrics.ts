// What operators read of live subscriptions: how much of the work is shared, and who does not keep up.
import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';

export interface LiveMetrics {
  readonly upstreams: Gauge;
  readonly executions: Counter;
  readonly keepingUp: Gauge;
  readonly catchingUp: Gauge;
  readonly overflows: Counter;
  readonly lag: Histogram;
}

export function createLiveMetrics(registry: Registry): LiveMetrics {
  const registers = [registry];
  return {
    upstreams: new Gauge({
      name: 'caregraph_live_upstreams',
      help: 'Operations with variables that open subscriptions share',
      registers,
    }),
    executions: new Counter({
      name: 'caregraph_live_executions_total',
      help: 'Executions of subscriptions over a batch of events, each for one access class or one viewer',
      registers,
    }),
    keepingUp: new Gauge({
      name: 'caregraph_live_keeping_up',
      help: 'Open subscriptions that share what is executed for them as events come',
      registers,
    }),
    catchingUp: new Gauge({
      name: 'caregraph_live_catching_up',
      help: 'Open subscriptions that read the log by themselves, because they are behind',
      registers,
    }),
    lag: new Histogram({
      name: 'caregraph_live_lag_seconds',
      help: 'Time from a change until it is handed to those who keep up',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    overflows: new Counter({
      name: 'caregraph_live_overflows_total',
      help: 'Times that a subscription fell behind because its client is slow',
      registers,
    }),
  };
}
