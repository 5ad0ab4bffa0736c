// Builds the gateway from its parts and starts it: composition, operations, HTTP, WebSocket, GraphiQL.
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { systemClock } from '../platform/clock.ts';
import type { Config, ServiceName } from '../platform/config.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { startEventFeed } from '../platform/events/event-feed.ts';
import { drainable } from '../platform/http/drainable.ts';
import { createIdentityResolver } from '../platform/identity/identity-resolver.ts';
import { createServiceIdentitySource } from '../platform/identity/service-identity-source.ts';
import type { CallerSigner } from '../platform/identity/signed-caller.ts';
import { projectFolder } from '../platform/project-folder.ts';
import type { Check } from '../platform/readiness.ts';
import { PartFault } from '../platform/readiness.ts';
import type { RunningSubgraph } from '../platform/subgraph/build-subgraph.ts';
import { createServiceClient } from '../platform/subgraph/create-service-client.ts';
import type { RouteAuthentication } from '../platform/subgraph/define-subgraph.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import type { SubgraphTransport } from '../platform/subgraph/transport.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import { noAccessLog, startAccessLog } from './access-log/access-log.ts';
import { noteOf } from './access-log/record-requests.ts';
import { noteRouteChanges } from './answers/note-route-changes.ts';
import { openAnswers } from './answers/open-answers.ts';
import type { Authenticate } from './authenticate.ts';
import { createAuthenticate, createAuthenticateConnection } from './authenticate.ts';
import { firstSupergraph } from './first-supergraph.ts';
import { checkServices } from './gateway-checks.ts';
import { registerGraphiql } from './graphiql/serve-graphiql.ts';
import { createIsAllowedOrigin } from './http/browser-safety.ts';
import { limitAccounts } from './http/limit-routes.ts';
import { createHttpApp } from './http-app.ts';
import type { KeptSupergraph } from './kept-supergraph.ts';
import { startLiveSubscriptions } from './live/start-live-subscriptions.ts';
import { startLiveTransports } from './live/start-live-transports.ts';
import { createMetrics } from './metrics.ts';
import type { Operations } from './operations.ts';
import { createOperations } from './operations.ts';
import { openProtection } from './protection/open-protection.ts';
import { proxyRoutes } from './proxy-routes.ts';
import { createLogReader } from './read-log.ts';
import { serveSupergraph } from './served-supergraph.ts';
import { SubgraphDataSource } from './subgraph-data-source.ts';
import type { SupergraphHolder } from './supergraph-holder.ts';
import { watchContracts } from './watch-contracts.ts';

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly bus: EventBus;
  /** Of the figures that /metrics shows. */
  readonly registry: Registry;
  /** Subgraphs of this process. */
  readonly local: ReadonlyMap<string, RunningSubgraph>;
  /** Subgraphs of other processes. */
  readonly remote: ReadonlyMap<ServiceName, HttpTransport>;
  readonly signer: CallerSigner;
  /** What keys are derived from. */
  readonly secret: string;
  readonly tracing: Tracing;
  /** Where the last good supergraph is kept. */
  readonly kept: KeptSupergraph;
  /** What /readyz checks besides the remote subgraphs. */
  readonly checks: Readonly<Record<string, Check>>;
}

export interface RunningGateway {
  readonly operations: Operations;
  readonly supergraph: SupergraphHolder;
  /** From now on /readyz may answer 200. */
  markReady(): void;
  /** From now on /readyz answers 503, and everything else as before. */
  drain(): void;
  close(): Promise<void>;
}

export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, log, bus, local, remote } = options;
  const transports = new Map<string, SubgraphTransport>([...local, ...remote]);
  const services = createServiceClient({ as: 'gateway', find: (name) => transports.get(name), log });
  const identities = createIdentityResolver(createServiceIdentitySource(services), systemClock);
  const metrics = createMetrics(options.registry);
  const dataSourceParts = { metrics, log, identityOf: identities.ofSignedIn };
  const dataSources = Object.fromEntries(
    [...transports].map(([name, transport]) => [name, new SubgraphDataSource(name, transport, dataSourceParts)]),
  );
  const authenticate = createAuthenticate(identities, config.publicUrl ?? '');
  const contracts = [...local].map(([name, { sdl }]) => ({ name, sdl }));
  const first = await firstSupergraph({ contracts, remote, kept: options.kept, log });
  const served = serveSupergraph(first, { dataSources, metrics });

  const feed = services.has('events') ? startEventFeed({ bus, readLog: createLogReader(services), log }) : undefined;
  const { secret } = options;
  const answers = await openAnswers({ config, served, feed, services, secret, metrics: metrics.answers, log });
  const operations = createOperations({ answer: answers.answer, metrics, tracing: options.tracing, log });
  const protection = await openProtection({
    config,
    schema: () => served.holder.current().schema,
    supergraph: served.current,
    log,
  });
  const isAllowedOrigin = createIsAllowedOrigin({
    publicUrl: config.publicUrl ?? '',
    corsOrigins: config.protection.corsOrigins,
    production: config.production,
  });
  const watch = watchContracts({ remote, served, kept: options.kept, metrics, log });

  let state: 'starting' | 'ok' | 'ending' = 'starting';
  const itself: Check = async () => {
    if (state !== 'ok') throw new PartFault(state);
  };
  const accessLog =
    config.accessLogKeepDays > 0 && services.has('events')
      ? startAccessLog({ services, registry: options.registry, dataDir: config.dataDir, log })
      : noAccessLog;
  const app = createHttpApp({
    log,
    tracing: options.tracing,
    maxBodyBytes: config.maxBodyBytes,
    maxBatch: config.protection.maxBatch,
    operations,
    authenticate,
    protection,
    isAllowedOrigin,
    isSecure: config.publicUrl?.startsWith('https:') === true,
    checks: {
      gateway: itself,
      ...options.checks,
      ...checkServices(remote),
      ...(remote.size > 0 ? { supergraph: watch.check } : {}),
    },
    metrics,
    accessLog,
  });
  const leaving = drainable(app);
  if (config.graphiql) registerGraphiql(app, { folder: join(projectFolder(), 'dist', 'graphiql') });
  noteRouteChanges(app, answers.changes);
  const authenticateRoute = limitAccounts(authenticate, protection.rates);
  await registerRoutes(app, options, {
    authenticate: authenticateRoute,
    identities: {
      async identify(request) {
        const { headers, method, url } = request;
        const caller = await authenticateRoute(headers.authorization, { method, url });
        noteOf(request).caller = caller;
        return caller.identity;
      },
      async identityOf(userId, request) {
        const identity = await identities.ofUser(userId);
        noteOf(request).caller = { identity };
        return identity;
      },
    },
  });
  const live = startLiveSubscriptions({ supergraph: served.holder, transports, feed, metrics, log });
  const connections = startLiveTransports(app, {
    path: '/graphql',
    operations,
    live,
    authenticate: createAuthenticateConnection(identities),
    accessLog,
    tracing: options.tracing,
    isSessionOpen: identities.isOpen,
    now: systemClock,
    protection,
    isAllowedOrigin,
    maxMessageBytes: config.maxBodyBytes,
    metrics,
    log,
  });
  await app.listen({ port: config.port, host: config.host });
  return {
    operations,
    supergraph: served.holder,
    markReady: () => {
      state = 'ok';
    },
    drain() {
      state = 'ending';
      leaving.begin();
    },
    async close() {
      state = 'ending';
      await watch.close();
      await connections.close();
      await app.close();
      await accessLog.close();
      live.close();
      answers.close();
      // What is still being planned, nobody waits for any more.
      void served.close();
      feed?.close();
      protection.close();
    },
  };
}

interface RouteParts {
  readonly authenticate: Authenticate;
  readonly identities: RouteAuthentication;
}

/** The plain HTTP routes of the services: mounted where the service is in this process, handed on where it is not. */
async function registerRoutes(app: FastifyInstance, options: GatewayOptions, parts: RouteParts): Promise<void> {
  for (const { parts: subgraph } of options.local.values()) await subgraph.routes?.(app, parts.identities);
  for (const [service, { url }] of options.remote) {
    proxyRoutes(app, { service, url, signer: options.signer, authenticate: parts.authenticate });
  }
}
