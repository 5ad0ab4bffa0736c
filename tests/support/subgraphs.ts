// Subgraphs as they run in a process, on an embedded database, asked directly: for tests of a service by itself.
import { randomUUID } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import { pino } from 'pino';
import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { readConfig } from '../../platform/config.ts';
import { createQueryGate } from '../../platform/database/query-gate.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import type { Caller, IdentityData } from '../../platform/identity/identity.ts';
import { identityFrom } from '../../platform/identity/identity.ts';
import { declareQueues } from '../../platform/jobs/declare-queues.ts';
import type { RunningSubgraph } from '../../platform/subgraph/build-subgraph.ts';
import { buildSubgraph } from '../../platform/subgraph/build-subgraph.ts';
import { createServiceClient } from '../../platform/subgraph/create-service-client.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { noTracing } from '../../platform/tracing/tracing.ts';
import type { TestDatabase } from './database.ts';
import { startTestDatabase } from './database.ts';
import { type TestJobs, testJobs } from './test-jobs.ts';

export interface TestRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly identity?: IdentityData;
  /** Makes it a call of this service, which internal operations need. */
  readonly service?: string;
  readonly sessionId?: string;
}

export interface TestSubgraphs {
  readonly database: TestDatabase;
  readonly config: Config;
  subgraph(name: string): RunningSubgraph;
  // Tests read results loosely; what they expect stands in their assertions.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  execute(name: string, request: TestRequest): Promise<ExecutionResult<any>>;
  executeEvents(
    name: string,
    request: TestRequest & { readonly events: readonly LogEvent[] },
    // biome-ignore lint/suspicious/noExplicitAny: see above
  ): Promise<readonly (ExecutionResult<any> | null)[]>;
  /** What was published, with positions. */
  readLog(after?: bigint): Promise<readonly LogEvent[]>;
  /** What waits in the queues of the started services; nothing runs by itself. */
  readonly jobs: TestJobs;
  /** Runs the jobs that are due by the test's clock until nothing is left, and returns how many that were. */
  runJobs(): Promise<number>;
  /**
   * Hands what was published since the last time to the handlers of the started services, in order, until nothing is
   * left, and returns how often one was called. A handler that fails throws, and gets the same event the next time.
   */
  deliverEvents(): Promise<number>;
  close(): Promise<void>;
}

export interface TestSubgraphOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** An empty database on a server, to use instead of an embedded one. */
  readonly databaseUrl?: string;
}

export async function startTestSubgraphs(
  definitions: readonly SubgraphDefinition[],
  { environment = {}, now = systemClock, databaseUrl }: TestSubgraphOptions = {},
): Promise<TestSubgraphs> {
  const config = readConfig({
    NODE_ENV: 'test',
    SERVICE_SECRET: 'a secret that only tests know, 32+ characters',
    PUBLIC_URL: 'http://127.0.0.1:4000',
    LOG_LEVEL: 'silent',
    ...environment,
  });
  const database = await startTestDatabase({ databaseUrl });
  const log = pino({ level: config.logLevel });
  const queryGate = createQueryGate({ connections: database.connection.connections, clock: now });
  const running = new Map<string, RunningSubgraph>();
  for (const definition of definitions) {
    const services = createServiceClient({ as: definition.name, find: (name) => running.get(name), log });
    running.set(
      definition.name,
      await buildSubgraph(definition, { config, database, queryGate, services, tracing: noTracing, log, clock: now }),
    );
  }
  const services = new Map([...running].map(([name, { parts }]) => [name, parts.jobs ?? {}] as const));
  await declareQueues(database.connection, { services, deadLetters: false });
  for (const { parts } of running.values()) await parts.start?.();
  const jobs = testJobs(database, services, now);
  const subgraph = (name: string): RunningSubgraph => {
    const found = running.get(name);
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  };
  const prepared = ({ query, variables, identity, service, sessionId }: TestRequest) => {
    const caller: Caller = {
      identity: identityFrom(identity ?? {}),
      ...(service === undefined ? {} : { service }),
      ...(sessionId === undefined ? {} : { sessionId }),
    };
    return { query, variables, caller, requestId: randomUUID() };
  };
  return {
    database,
    config,
    subgraph,
    execute: (name, request) => subgraph(name).execute(prepared(request)),
    executeEvents: (name, request) => subgraph(name).executeEvents({ ...prepared(request), events: request.events }),
    readLog: (after) => database.readLog(after),
    jobs,
    runJobs: () => jobs.runDue(),
    deliverEvents: createDelivery(database, [...running.values()]),
    async close() {
      for (const { parts } of running.values()) await parts.close?.();
      await database.close();
    },
  };
}

/** Each handler of each service goes on where it stopped: one that fails makes no other get an event twice. */
function createDelivery(database: TestDatabase, running: readonly RunningSubgraph[]): () => Promise<number> {
  const positions = new Map<string, bigint>();
  const deliverTo = async ({ name, parts }: RunningSubgraph): Promise<number> => {
    let count = 0;
    for (const event of await database.readLog(positions.get(name))) {
      const handle = parts.handlers?.[event.type];
      if (handle !== undefined) {
        await handle(event);
        count += 1;
      }
      positions.set(name, event.position);
    }
    return count;
  };
  return async () => {
    for (let total = 0; ; ) {
      let count = 0;
      for (const subgraph of running) count += await deliverTo(subgraph);
      if (count === 0) return total;
      total += count;
    }
  };
}
