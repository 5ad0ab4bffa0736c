// The HTTP server that every process stands on: request ids, logs without personal data, errors in one form.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify, LogController } from 'fastify';
import type { Logger as PinoLogger } from 'pino';
import { AppError } from '../errors.ts';
import { toAppError } from '../mask-errors.ts';
import { retryAfterOf } from './retry-after.ts';
import { refuseUnreadable } from './unreadable-requests.ts';

export interface HttpServerOptions {
  readonly log: PinoLogger;
  /** Bytes; larger bodies are PAYLOAD_TOO_LARGE. */
  readonly bodyLimit: number;
}

export function createHttpServer({ log, bodyLimit }: HttpServerOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: log.child({}, { serializers: { req: loggedRequest } }) as FastifyBaseLogger,
    bodyLimit,
    // Ours says less of a request (below), and at debug level only; the access log proper is in the database.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && requestIdShape.test(given) ? given : randomUUID();
    },
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // A request that comes in the moment of closing is answered like any other (and its connection closed).
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
    onProtoPoisoning: 'error',
    clientErrorHandler: refuseUnreadable,
    // Addresses that lead to no route, because they cannot be read, do not get to the error handler.
    frameworkErrors: (error, _request, reply) => {
      const { http, body } = refusalOf(error, log);
      (reply as FastifyReply).code(http).send(body);
    },
  });
  app.setErrorHandler(async (error, request, reply) => {
    // Who is still sending would otherwise see a broken connection instead of the answer.
    if ((error as FastifyError).code === tooLarge) await drain(request.raw);
    const { http, body, headers } = refusalOf(error as FastifyError, log);
    return reply.code(http).headers(headers).send(body);
  });
  endIdleConnections(app);
  if (log.isLevelEnabled('debug')) logRequests(app, log);
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .send({ errors: [{ message: 'There is nothing at this address.', extensions: { code: 'NOT_FOUND' } }] }),
  );
  return app;
}

/** By the same id in every process that a request leads to. */
function logRequests(app: FastifyInstance, log: PinoLogger): void {
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode, elapsedTime } = reply;
    log.debug(
      { ...loggedRequest(request), requestId: request.id, status: statusCode, ms: Math.round(elapsedTime) },
      'a request was answered',
    );
  });
}

/** Fastify closes the idle connections once; one that falls idle while it waits for the others would hold it up. */
function endIdleConnections(app: FastifyInstance): void {
  let timer: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    timer = setInterval(() => app.server.closeIdleConnections(), 100);
  });
  app.addHook('onClose', async () => clearInterval(timer));
}

const requestIdShape = /^[\w-]{8,64}$/;

const tooLarge = 'FST_ERR_CTP_BODY_TOO_LARGE';
const drainMilliseconds = 5_000;

/** Takes in what is still being sent and drops it, for a bounded time. */
async function drain(request: IncomingMessage): Promise<void> {
  if (request.complete) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, drainMilliseconds);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    request.once('end', done).once('close', done).resume();
  });
}

interface Refusal {
  readonly http: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
}

function refusalOf(error: FastifyError, log: PinoLogger): Refusal {
  const { http, message, extensions, details } = fromFastify(error) ?? toAppError(error, log);
  return { http, body: { errors: [{ message, extensions }] }, headers: retryAfterOf([details]) };
}

/** What Fastify itself finds wrong with a request. */
function fromFastify(error: FastifyError): AppError | undefined {
  if (error instanceof AppError) return error;
  switch (error.code) {
    case tooLarge:
      return new AppError('PAYLOAD_TOO_LARGE');
    case 'FST_ERR_BAD_URL':
      return new AppError('BAD_REQUEST', 'The address of the request is not encoded as it should be.');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new AppError('BAD_REQUEST', 'The request body is empty.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new AppError('BAD_REQUEST', 'The content type of the request is not supported; send application/json.');
    default:
      if (error.statusCode === 400) return new AppError('BAD_REQUEST', 'The request body is not valid JSON.');
      return error.statusCode !== undefined && error.statusCode < 500 ? new AppError('BAD_REQUEST') : undefined;
  }
}

/** Method and route (`/files/tokens/:token`): paths, query strings and headers can hold secrets. */
function loggedRequest({ method, routeOptions }: Partial<FastifyRequest>): object {
  return { method, route: routeOptions?.url };
}
