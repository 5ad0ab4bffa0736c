// Starts the services of a process: opens the database, builds the enabled subgraphs, runs the relay where `events`
// is, and the jobs and event handlers of its services. Used by both composition roots; what is remote or local differs
// only in what they pass in.
import type { Logger } from 'pino';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openDatabase } from '../platform/database/open-database.ts';
import { createQueryGate } from '../platform/database/query-gate.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { startRelay } from '../platform/events/relay.ts';
import { startConsumers } from '../platform/events/start-consumers.ts';
import { declareQueues } from '../platform/jobs/declare-queues.ts';
import { startJobs } from '../platform/jobs/start-jobs.ts';
import type { Check } from '../platform/readiness.ts';
import type { RunningSubgraph } from '../platform/subgraph/build-subgraph.ts';
import { buildSubgraph } from '../platform/subgraph/build-subgraph.ts';
import { createServiceClient } from '../platform/subgraph/create-service-client.ts';
import type { SubgraphTransport } from '../platform/subgraph/transport.ts';
import { subgraphs } from './registry.ts';

export interface SubgraphRuntime {
  readonly running: ReadonlyMap<string, RunningSubgraph>;
  readonly checks: Readonly<Record<string, Check>>;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly config: Config;
  readonly bus: EventBus;
  /** The services that other processes run. */
  readonly remote: ReadonlyMap<string, SubgraphTransport>;
  readonly log: Logger;
}

export async function startSubgraphs({ config, bus, remote, log }: RuntimeOptions): Promise<SubgraphRuntime> {
  const database = await openDatabase({
    databaseUrl: config.databaseUrl,
    dataDir: config.dataDir,
    onCommitWithEvents: () => bus.wake(),
    log,
  });
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
    running.set(
      name,
      await buildSubgraph(subgraphs[name], {
        config,
        database,
        queryGate,
        services,
        log: serviceLog,
        clock: systemClock,
      }),
    );
  }
  const jobHandlers = new Map([...running].map(([name, { parts }]) => [name, parts.jobs ?? {}] as const));
  await declareQueues(database.connection, { services: jobHandlers });
  const relay = running.has('events') ? startRelay({ database, bus, log }) : undefined;
  for (const { parts } of running.values()) await parts.start?.();
  const handlers = new Map([...running].map(([name, { parts }]) => [name, parts.handlers ?? {}] as const));
  const jobs = await startJobs({ database, services: jobHandlers, log });
  const consumers = startConsumers({ database, bus, services: handlers, log });
  return {
    running,
    checks: {
      database: () => database.ping(),
      bus: () => bus.ping(),
      ...Object.fromEntries(
        [...running].flatMap(([name, { parts }]) => [
          ...(parts.ready === undefined ? [] : [[name, parts.ready] as const]),
          ...Object.entries(parts.otherChecks ?? {}),
        ]),
      ),
    },
    async close() {
      await Promise.all([consumers.close(), jobs.close()]);
      await relay?.close();
      for (const { parts } of running.values()) await parts.close?.();
      await database.close();
    },
  };
}
