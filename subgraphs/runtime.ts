// Starts the services of a process: opens the database, builds the enabled subgraphs, runs the relay where `events`
// is, and the jobs and event handlers of its services. Used by both composition roots; what is remote or local differs
// only in what they pass in.

import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openDatabase } from '../platform/database/open-database.ts';
import { createQueryGate } from '../platform/database/query-gate.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { registerLogMetrics } from '../platform/events/log-metrics.ts';
import { startRelay } from '../platform/events/relay.ts';
import { startConsumers } from '../platform/events/start-consumers.ts';
import { declareQueues } from '../platform/jobs/declare-queues.ts';
import { registerJobMetrics } from '../platform/jobs/job-metrics.ts';
import { startJobs } from '../platform/jobs/start-jobs.ts';
import type { Check } from '../platform/readiness.ts';
import { dispensable } from '../platform/readiness.ts';
import type { RunningSubgraph } from '../platform/subgraph/build-subgraph.ts';
import { buildSubgraph } from '../platform/subgraph/build-subgraph.ts';
import { createServiceClient } from '../platform/subgraph/create-service-client.ts';
import type { SubgraphTransport } from '../platform/subgraph/transport.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import { subgraphs } from './registry.ts';

export interface SubgraphRuntime {
  readonly running: ReadonlyMap<string, RunningSubgraph>;
  readonly checks: Readonly<Record<string, Check>>;
  /** Adds the figures of what runs here. */
  registerMetrics(registry: Registry): void;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly config: Config;
  readonly bus: EventBus;
  /** The services that other processes run. */
  readonly remote: ReadonlyMap<string, SubgraphTransport>;
  readonly tracing: Tracing;
  readonly log: Logger;
}

/** Leaves nothing open when it rejects. */
export async function startSubgraphs(options: RuntimeOptions): Promise<SubgraphRuntime> {
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(options, (end) => closing.push(end))), close };
  } catch (error) {
    await close().catch((err: unknown) => options.log.warn({ err }, 'a part that did not start did not close'));
    throw error;
  }
}

/** `later` takes what closes each part, to be called in the reverse order. */
async function start(
  { config, bus, remote, tracing, log }: RuntimeOptions,
  later: (close: () => unknown) => void,
): Promise<Omit<SubgraphRuntime, 'close'>> {
  const database = await openDatabase({
    databaseUrl: config.databaseUrl,
    dataDir: config.dataDir,
    onCommitWithEvents: () => bus.wake(),
    log,
  });
  later(() => database.close());
  const queryGate = createQueryGate({ connections: database.connection.connections, clock: systemClock });
  const running = new Map<string, RunningSubgraph>();
  const enabled = config.subgraphs.filter((name) => !remote.has(name));
  for (const name of enabled) {
    const serviceLog = log.child({ service: name });
    const services = createServiceClient({
      as: name,
      find: (other) => running.get(other) ?? remote.get(other),
      log: serviceLog,
    });
    const platform = { config, database, queryGate, services, tracing, log: serviceLog, clock: systemClock };
    const subgraph = await buildSubgraph(subgraphs[name], platform);
    running.set(name, subgraph);
    later(() => subgraph.parts.close?.());
  }
  const jobHandlers = new Map([...running].map(([name, { parts }]) => [name, parts.jobs ?? {}] as const));
  await declareQueues(database.connection, { services: jobHandlers });
  const relays = running.has('events');
  if (relays) {
    const relay = startRelay({ database, bus, log, keep: config.eventsKeep, clock: systemClock });
    later(() => relay.close());
  }
  for (const { parts } of running.values()) await parts.start?.();
  const handlers = new Map([...running].map(([name, { parts }]) => [name, parts.handlers ?? {}] as const));
  const jobs = await startJobs({ database, services: jobHandlers, log });
  const consumers = startConsumers({ database, bus, services: handlers, log });
  later(() => Promise.all([consumers.close(), jobs.close()]));
  return {
    running,
    checks: {
      database: () => database.ping(),
      // Without Redis live events wait; all else goes on.
      bus: dispensable(() => bus.ping()),
      ...Object.fromEntries(
        [...running].flatMap(([name, { parts }]) => [
          ...(parts.ready === undefined ? [] : [[name, parts.ready] as const]),
          ...Object.entries(parts.otherChecks ?? {}),
        ]),
      ),
    },
    registerMetrics: (registry) => {
      if (!relays) return;
      registerLogMetrics(registry, database.connection);
      registerJobMetrics(registry, database.connection);
    },
  };
}
