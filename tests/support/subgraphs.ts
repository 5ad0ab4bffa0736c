// Subgraphs as they run in a process, on an embedded database, asked directly: for tests of a service by itself.
import { randomUUID } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import { pino } from 'pino';
import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { readConfig } from '../../platform/config.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import type { Caller, IdentityData } from '../../platform/identity/identity.ts';
import { identityFrom } from '../../platform/identity/identity.ts';
import type { RunningSubgraph } from '../../platform/subgraph/build-subgraph.ts';
import { buildSubgraph } from '../../platform/subgraph/build-subgraph.ts';
import { createServiceClient } from '../../platform/subgraph/create-service-client.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import type { TestDatabase } from './database.ts';
import { startTestDatabase } from './database.ts';

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
  const running = new Map<string, RunningSubgraph>();
  for (const definition of definitions) {
    const services = createServiceClient({ as: definition.name, find: (name) => running.get(name), log });
    running.set(definition.name, await buildSubgraph(definition, { config, database, services, log, clock: now }));
  }
  for (const { parts } of running.values()) await parts.start?.();
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
    async close() {
      for (const { parts } of running.values()) await parts.close?.();
      await database.close();
    },
  };
}
