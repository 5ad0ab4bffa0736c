// The gateway's HTTP side. The path of a request to /graphql stands in one list, in order.
import type { ServerResponse } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import type { Logger } from 'pino';
import { createHttpServer } from '../platform/http/create-http-server.ts';
import { serveHealth } from '../platform/http/serve-health.ts';
import type { Caller } from '../platform/identity/identity.ts';
import { serveMetrics } from '../platform/metrics/registry.ts';
import type { Check } from '../platform/readiness.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { AccessLog } from './access-log/access-log.ts';
import { noteOf, recordRequests } from './access-log/record-requests.ts';
import type { Authenticate, HttpRequest } from './authenticate.ts';
import type { GatewayContext } from './gateway-context.ts';
import { checkOperationText, checkVariables } from './limits.ts';
import type { Metrics } from './metrics.ts';

export interface HttpAppOptions {
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly maxBodyBytes: number;
  readonly graphql: ApolloServer<GatewayContext>;
  readonly authenticate: Authenticate;
  readonly checks: Readonly<Record<string, Check>>;
  readonly metrics: Metrics;
  readonly accessLog: AccessLog;
}

export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  // Reading the body, within its limit, comes before everything: Fastify does it (create-http-server.ts).
  const app = createHttpServer({ log: options.log, bodyLimit: options.maxBodyBytes });
  options.tracing.traceRequests(app);
  recordRequests(app, options.accessLog);

  const pipeline: preHandlerAsyncHookHandler[] = [
    // 1. Who calls: before any work is done for them.
    async (request) => {
      noteOf(request).caller = await options.authenticate(request.headers.authorization, request.raw as HttpRequest);
    },
    // 2. Is the operation small enough to be worked on at all.
    async (request) => {
      const body = request.body as { query?: unknown; variables?: unknown } | null | undefined;
      checkOperationText(body?.query);
      checkVariables(body?.variables);
      checkOperationText((request.query as { query?: unknown }).query);
    },
    // 3. Apollo Server parses, validates (with the depth limit), plans and executes (graphql-server.ts).
  ];

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    preHandler: pipeline,
    handler: fastifyApolloHandler(options.graphql, {
      context: async (request, reply) => ({
        caller: noteOf(request).caller as Caller,
        note: noteOf(request),
        requestId: request.id,
        signal: untilGone(reply.raw),
      }),
    }),
  });
  serveHealth(app, options.checks);
  serveMetrics(app, options.metrics.registry);
  return app;
}

/** Fires when the client goes away before it has its answer. */
function untilGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
