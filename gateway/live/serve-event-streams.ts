// GraphQL over server-sent events (graphql-sse, distinct connections): each operation has a response of its own. Takes
// requests, authenticates them, and keeps the streams that are open. How one is run stands in stream-connection.ts.
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppError, notFound } from '../../platform/errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { becameStream, streamFacts } from '../access-log/record-requests.ts';
import type { IsAllowedOrigin } from '../http/browser-safety.ts';
import { refuseForeignPages, refuseSimpleRequests } from '../http/refuse-simple-requests.ts';
import type { Metrics } from '../metrics.ts';
import type { AddressOf } from '../protection/client.ts';
import { clientOf } from '../protection/client.ts';
import { readAddressRequest, readOperationRequest } from '../protection/operation-request.ts';
import { EventStream } from './event-stream.ts';
import type { LiveOperations } from './live-operations.ts';
import type { LiveSessionOptions } from './live-session.ts';
import { LiveSession } from './live-session.ts';
import type { Pulse } from './pulse.ts';
import { StreamConnection } from './stream-connection.ts';
import { within } from './within.ts';

export interface EventStreamOptions extends LiveSessionOptions {
  readonly path: string;
  readonly operations: LiveOperations;
  readonly addressOf: AddressOf;
  readonly isAllowedOrigin: IsAllowedOrigin;
  readonly pulse: Pulse;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** What a new access token is handed in with; whoever has it must be the same user besides. */
const streamIdHeader = 'x-stream-id';
const expiryHeader = 'x-token-expires-at';
/** Milliseconds that queries and mutations, and clients that read slowly, get to end when the gateway does. */
const closeMilliseconds = 10_000;

/** Adds the routes. Closing ends every stream so that its client connects again. */
export function serveEventStreams(app: FastifyInstance, options: EventStreamOptions): { close(): Promise<void> } {
  const open = new Map<string, StreamConnection>();
  let closing = false;
  options.metrics.countSubscriptions('sse', () => [...open.values()].filter((one) => one.isSubscription).length);

  app.route({
    method: ['GET', 'POST'],
    url: options.path,
    onRequest: async ({ headers, method }) => {
      if (method === 'POST') refuseSimpleRequests(headers);
      else refuseForeignPages(headers, options.isAllowedOrigin);
    },
    async handler(request, reply) {
      if (closing) throw new AppError('SERVICE_UNAVAILABLE', 'The gateway is shutting down.');
      const session = await LiveSession.open(
        options,
        request.headers.authorization,
        streamFacts(request, options.addressOf),
      );
      const { method, query } = request;
      const asked =
        method === 'POST' ? readOperationRequest(request.body) : readAddressRequest(query as object as never);
      const client = clientOf(session.caller.identity, options.addressOf(request.raw));
      const ready = await options.operations.read(asked, client, session);
      const isMutation = 'operation' in ready && ready.operation.operation === 'mutation';
      if (isMutation && method !== 'POST') return refuseMethod(reply);
      if (reply.raw.destroyed) return reply;
      const id = randomBytes(24).toString('base64url');
      const { expiresAt } = session;
      becameStream(request);
      reply.hijack();
      const stream = new EventStream(reply.raw, {
        // What browsers are told of every answer.
        ...(reply.getHeaders() as Record<string, string>),
        [streamIdHeader]: id,
        ...(expiresAt === undefined ? {} : { [expiryHeader]: expiresAt.toISOString() }),
      });
      const connection = new StreamConnection({ ...options, stream, session });
      open.set(id, connection);
      options.pulse.add(connection);
      options.metrics.streams.inc();
      void stream.closed.then(() => {
        open.delete(id);
        options.pulse.remove(connection);
        options.metrics.streams.dec();
        connection.gone();
      });
      await connection.run(ready);
      return reply;
    },
  });

  app.post(`${options.path}/token`, async (request) => {
    const { streamId } = (request.body ?? {}) as { streamId?: unknown };
    if (typeof streamId !== 'string') {
      throw new AppError('BAD_USER_INPUT', `streamId: the header ${streamIdHeader} of the stream.`, {
        field: 'streamId',
      });
    }
    const { authorization } = request.headers;
    if (authorization === undefined) throw new AppError('UNAUTHENTICATED', undefined, { code: 117 });
    const session = open.get(streamId)?.session;
    if (session === undefined) {
      // Whether the token is good is told to whoever asks; whether there is such a stream, only to its user.
      await options.authenticate(authorization);
      throw notFound('Stream', 'streamId');
    }
    await session.renew(authorization).catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'FORBIDDEN' ? notFound('Stream', 'streamId') : error;
    });
    return { expiresAt: session.expiresAt?.toISOString() };
  });

  return {
    async close() {
      closing = true;
      await within(closeMilliseconds, Promise.all([...open.values()].map((connection) => connection.close())));
      for (const connection of open.values()) connection.destroy();
    },
  };
}

function refuseMethod(reply: FastifyReply): FastifyReply {
  const { message, extensions } = new AppError('BAD_REQUEST', 'A mutation is sent by POST.');
  return reply
    .code(405)
    .header('allow', 'POST')
    .send({ errors: [{ message, extensions }] });
}
