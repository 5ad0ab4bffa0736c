// The gateway's HTTP side. The path of a request to /graphql stands in one list, in order.
import type { FastifyInstance, FastifyReply, preHandlerAsyncHookHandler } from 'fastify';
import type { Logger } from 'pino';
import { AppError } from '../platform/errors.ts';
import { createHttpServer } from '../platform/http/create-http-server.ts';
import { serveHealth } from '../platform/http/serve-health.ts';
import type { Caller } from '../platform/identity/identity.ts';
import { serveMetrics } from '../platform/metrics/registry.ts';
import type { Check } from '../platform/readiness.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { AccessLog } from './access-log/access-log.ts';
import { noteOf, recordRequests } from './access-log/record-requests.ts';
import type { Authenticate, HttpRequest } from './authenticate.ts';
import { stringifyResult } from './execution/prepared-data.ts';
import type { GraphqlAnswer } from './http/answer-graphql.ts';
import { answerGraphql } from './http/answer-graphql.ts';
import type { BrowserSafetyOptions } from './http/browser-safety.ts';
import { registerBrowserSafety } from './http/browser-safety.ts';
import { limitRoutes } from './http/limit-routes.ts';
import type { MediaType } from './http/negotiate.ts';
import { negotiate } from './http/negotiate.ts';
import { refuseSimpleRequests } from './http/refuse-simple-requests.ts';
import { whenGone } from './http/when-gone.ts';
import type { Metrics } from './metrics.ts';
import type { Operations } from './operations.ts';
import { clientOf } from './protection/client.ts';
import { tooLarge } from './protection/measure-operation.ts';
import type { Protection } from './protection/open-protection.ts';

export interface HttpAppOptions extends BrowserSafetyOptions {
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly maxBodyBytes: number;
  /** Operations in one request; 0: batches are refused. */
  readonly maxBatch: number;
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly protection: Protection;
  readonly checks: Readonly<Record<string, Check>>;
  readonly metrics: Metrics;
  readonly accessLog: AccessLog;
}

export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const app = createHttpServer({ log: options.log, bodyLimit: options.maxBodyBytes });
  options.tracing.traceRequests(app);
  recordRequests(app, options.accessLog, options.protection.addressOf);
  registerBrowserSafety(app, options);
  limitRoutes(app, options.protection.rates, options.protection.addressOf);

  const pipeline: preHandlerAsyncHookHandler[] = [
    // 3. Who calls: before any work is done for them.
    async (request) => {
      noteOf(request).caller = await options.authenticate(request.headers.authorization, request.raw as HttpRequest);
    },
    // 4. Is the operation small enough to be worked on, is it GraphQL, does it fit the schema, may this client spend what
    //    it costs (answer-graphql.ts, protection/).
    // 5. It is planned, once, and executed (operations.ts).
  ];

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    // 1. Could a page of another site have made a browser send this: nothing is read of what could.
    onRequest: async (request) => refuseSimpleRequests(request.headers),
    // 2. Fastify reads the body, within its limit (create-http-server.ts).
    preHandler: pipeline,
    async handler(request, reply) {
      const media = negotiate(request.headers.accept);
      if (media === undefined) return refuseMedia(reply);
      const context = {
        caller: noteOf(request).caller as Caller,
        note: noteOf(request),
        requestId: request.id,
        signal: whenGone(request.raw.socket),
      };
      const client = clientOf(context.caller.identity, options.protection.addressOf(request.raw));
      // What signs somebody in changes whose context it is, for its own operation alone.
      const answer = (given: unknown) =>
        answerGraphql({ method: request.method, given, media, client, context: { ...context } }, options);
      const { body } = request;
      if (request.method !== 'POST' || !Array.isArray(body)) {
        return send(reply, media, await answer(request.method === 'POST' ? body : request.query));
      }
      refuseBatch(body, options.maxBatch);
      const answers = await Promise.all(body.map(answer));
      return send(reply, media, { status: 200, headers: {}, result: answers.map(({ result }) => result) });
    },
  });
  app.route({
    method: ['PUT', 'PATCH', 'DELETE'],
    url: '/graphql',
    handler: (_request, reply) => refuse(reply.header('allow', 'GET, POST'), 405, 'Send a POST, or a GET for a query.'),
  });
  serveHealth(app, options.checks);
  serveMetrics(app, options.metrics.registry);
  return app;
}

function send(
  reply: FastifyReply,
  { name }: MediaType,
  { status, headers, result }: Omit<GraphqlAnswer, 'result'> & { readonly result: object },
): FastifyReply {
  const text = Array.isArray(result) ? `[${result.map(stringifyResult).join(',')}]` : stringifyResult(result);
  // As bytes: of a text Fastify would first count them, and Node make them then.
  const body = Buffer.from(`${text}\n`);
  return reply
    .code(status)
    .headers({ ...headers, 'cache-control': 'no-store', 'cross-origin-resource-policy': 'same-origin' })
    .type(`${name}; charset=utf-8`)
    .send(body);
}

function refuseBatch(batch: readonly unknown[], most: number): void {
  if (most === 0) {
    throw new AppError('BAD_REQUEST', 'One request holds one operation here: batches are not enabled (MAX_BATCH).');
  }
  if (batch.length === 0) throw new AppError('BAD_REQUEST', 'A batch holds at least one operation.');
  if (batch.length > most)
    throw tooLarge('batch', { most, found: batch.length }, 'others in its batch, itself counted');
}

function refuseMedia(reply: FastifyReply): FastifyReply {
  const message =
    'Answers are application/graphql-response+json or application/json, and come whole: accept one of these. Answers in ' +
    'parts (multipart/mixed) are not supported; for server-sent events ask /graphql/stream.';
  return refuse(reply, 406, message);
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  const { extensions } = new AppError('BAD_REQUEST', message);
  return reply.code(status).send({ errors: [{ message, extensions }] });
}
