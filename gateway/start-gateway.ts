// Builds the gateway from its parts and starts it: composition, Apollo Server, HTTP, WebSocket, GraphiQL.
import { join } from 'node:path';
import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { systemClock } from '../platform/clock.ts';
import type { Config, ServiceName } from '../platform/config.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { startEventFeed } from '../platform/events/event-feed.ts';
import { createIdentityResolver } from '../platform/identity/identity-resolver.ts';
import { createServiceIdentitySource } from '../platform/identity/service-identity-source.ts';
import type { CallerSigner } from '../platform/identity/signed-caller.ts';
import { projectFolder } from '../platform/project-folder.ts';
import type { Check } from '../platform/readiness.ts';
import type { RunningSubgraph } from '../platform/subgraph/build-subgraph.ts';
import { createServiceClient } from '../platform/subgraph/create-service-client.ts';
import type { RouteAuthentication } from '../platform/subgraph/define-subgraph.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import type { Authenticate } from './authenticate.ts';
import { createAuthenticate } from './authenticate.ts';
import { collectSubgraphs } from './collect-subgraphs.ts';
import type { Contract } from './compose.ts';
import type { GatewayContext } from './gateway-context.ts';
import { registerGraphiql } from './graphiql/serve-graphiql.ts';
import { createGraphqlServer } from './graphql-server.ts';
import { createHttpApp } from './http-app.ts';
import { startLiveSubscriptions } from './live/start-live-subscriptions.ts';
import { startWebsocketServer } from './live/websocket-server.ts';
import { createMetrics } from './metrics.ts';
import { proxyRoutes } from './proxy-routes.ts';
import { createLogReader } from './read-log.ts';
import { findReadySupergraph } from './ready-supergraph.ts';
import { SubgraphDataSource } from './subgraph-data-source.ts';
import { createSupergraphHolder } from './supergraph-holder.ts';
import { buildSupergraphState, createApolloGateway } from './supergraph-state.ts';

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly bus: EventBus;
  /** Subgraphs of this process. */
  readonly local: ReadonlyMap<string, RunningSubgraph>;
  /** Subgraphs of other processes. */
  readonly remote: ReadonlyMap<ServiceName, HttpTransport>;
  readonly signer: CallerSigner;
  /** What /readyz checks besides the remote subgraphs. */
  readonly checks: Readonly<Record<string, Check>>;
}

export interface RunningGateway {
  readonly graphql: ApolloServer<GatewayContext>;
  /** From now on /readyz may answer 200. */
  markReady(): void;
  close(): Promise<void>;
}

export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, log, bus, local, remote } = options;
  const { contracts, transports, topics } = await collectSubgraphs(local, remote, log);
  const supergraphSdl = findReadySupergraph(contracts) ?? (await composeAnew(contracts));
  const services = createServiceClient({ as: 'gateway', find: (name) => transports.get(name), log });
  const identities = createIdentityResolver(createServiceIdentitySource(services), systemClock);
  const dataSourceParts = { log, identityOf: identities.ofSignedIn };
  const dataSources = Object.fromEntries(
    [...transports].map(([name, transport]) => [name, new SubgraphDataSource(name, transport, dataSourceParts)]),
  );
  const authenticate = createAuthenticate(identities, config.publicUrl ?? '');
  const metrics = createMetrics();
  const supergraph = createSupergraphHolder(buildSupergraphState({ supergraphSdl, dataSources, topics }));

  const graphql = createGraphqlServer({
    gateway: createApolloGateway(supergraphSdl, dataSources, log),
    introspection: config.introspection,
    maxDepth: config.maxQueryDepth,
    log,
    metrics,
  });
  await graphql.start();

  let ready = false;
  const started: Check = async () => {
    if (!ready) throw new Error('still starting');
  };
  const remoteChecks = [...remote].map(([name, transport]) => [name, () => transport.ping()] as const);
  const app = createHttpApp({
    log,
    maxBodyBytes: config.maxBodyBytes,
    graphql,
    authenticate,
    checks: { gateway: started, ...options.checks, ...Object.fromEntries(remoteChecks) },
    metrics,
  });
  if (config.graphiql) registerGraphiql(app, { folder: join(projectFolder(), 'dist', 'graphiql') });
  await registerRoutes(app, options, {
    authenticate,
    identities: {
      identify: async ({ headers, method, url }) =>
        (await authenticate(headers.authorization, { method, url })).identity,
      identityOf: (userId) => identities.ofUser(userId),
    },
  });
  const feed = services.has('events') ? startEventFeed({ bus, readLog: createLogReader(services), log }) : undefined;
  const live = startLiveSubscriptions({ supergraph, transports, feed, metrics, log });
  await app.listen({ port: config.port, host: config.host });
  const sockets = startWebsocketServer({
    path: '/graphql',
    server: app.server,
    graphql,
    supergraph,
    live,
    authenticate,
    maxDepth: config.maxQueryDepth,
    maxMessageBytes: config.maxBodyBytes,
    metrics,
    log,
  });
  return {
    graphql,
    markReady: () => {
      ready = true;
    },
    async close() {
      ready = false;
      await sockets.close();
      await app.close();
      live.close();
      feed?.close();
      await graphql.stop();
    },
  };
}

/** What composes is loaded only where it is needed. */
async function composeAnew(contracts: readonly Contract[]): Promise<string> {
  const { compose } = await import('./compose.ts');
  return compose(contracts).supergraphSdl;
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
