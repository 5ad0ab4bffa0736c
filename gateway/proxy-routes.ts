// Hands the plain HTTP routes of a service that runs in another process on to it, bytes streamed both ways.
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Pool } from 'undici';
import type { ServiceName } from '../platform/config.ts';
import { AppError } from '../platform/errors.ts';
import { answeredForHeader } from '../platform/http/answered-for.ts';
import { finishRequest } from '../platform/http/finish-request.ts';
import { forwardedHeaders, routeHeaders } from '../platform/http/route-caller.ts';
import { serviceRoutes } from '../platform/http/service-routes.ts';
import { identityFrom } from '../platform/identity/identity.ts';
import type { CallerSigner } from '../platform/identity/signed-caller.ts';
import { noteOf } from './access-log/record-requests.ts';
import type { Authenticate } from './authenticate.ts';

export interface ProxyOptions {
  readonly service: ServiceName;
  readonly url: string;
  readonly signer: CallerSigner;
  readonly authenticate: Authenticate;
}

/** Milliseconds in which a client that was answered early may still send, so that it reads the answer. */
const lastWords = 5_000;
/** What holds from hop to hop, and what is said to the gateway alone. */
const withheld = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', answeredForHeader]);

/** Everything at the addresses that are the service's own. */
export function proxyRoutes(app: FastifyInstance, { service, url, signer, authenticate }: ProxyOptions): void {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/+$/, '');
  // As many connections as there are clients: with a limit, a few slow ones would keep everybody else waiting.
  const pool = new Pool(origin, { connections: null, keepAliveTimeout: 30_000, bodyTimeout: 0 });
  app.addHook('onClose', () => pool.close());
  app.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    // The body is handed on as it comes, never held.
    routes.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    routes.addHook('onResponse', async (request) => finishRequest(request.raw, lastWords));
    const handOn = async (request: FastifyRequest, reply: FastifyReply, ownCredentials: boolean) => {
      const headers = ownCredentials
        ? forwardedHeaders(request.headers)
        : await routeHeaders(request.headers, await callerOf(request, authenticate), { signer, audience: service });
      const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
      try {
        const answer = await pool.request({
          method: request.method as 'GET',
          path: `${base}${request.raw.url ?? ''}`,
          headers,
          ...(hasBody ? { body: bodyOf(request) } : {}),
        });
        noteAnsweredFor(request, answer.headers[answeredForHeader]);
        for (const [name, value] of Object.entries(answer.headers)) {
          if (value !== undefined && !withheld.has(name)) reply.header(name, value);
        }
        return await reply.code(answer.statusCode).send(answer.body);
      } catch (error) {
        request.log.warn({ err: error, service }, 'a route could not be handed on');
        throw new AppError('SERVICE_UNAVAILABLE', `The service ${service} cannot be reached.`, { service });
      }
    };
    for (const { path, ownCredentials } of serviceRoutes[service]) {
      routes.all(path, (request, reply) => handOn(request, reply, ownCredentials));
    }
  });
}

/** Its own stream: when a service answers before it has read everything, that ends, and the client's connection does not. */
function bodyOf({ raw }: FastifyRequest): Readable {
  return Readable.from(raw.iterator({ destroyOnReturn: false }), { objectMode: false });
}

async function callerOf(request: FastifyRequest, authenticate: Authenticate) {
  const { headers, method, url } = request;
  const caller = await authenticate(headers.authorization, { method, url }).catch(unlessRefused);
  if (caller !== undefined) noteOf(request).caller = caller;
  return caller;
}

/** A service that has found out by itself who asks says so. */
function noteAnsweredFor(request: FastifyRequest, userId: string | string[] | undefined): void {
  if (typeof userId === 'string') noteOf(request).caller = { identity: identityFrom({ userId }) };
}

/** Credentials that are not good are for the route to refuse: it may be asked with a signed URL instead. */
function unlessRefused(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return undefined;
  throw error;
}
