// Hands the plain HTTP routes of a service that runs in another process on to it, bytes streamed both ways.
import type { FastifyInstance } from 'fastify';
import { Pool } from 'undici';
import { AppError } from '../platform/errors.ts';
import { routeHeaders } from '../platform/http/route-caller.ts';
import type { CallerSigner } from '../platform/identity/signed-caller.ts';
import type { Authenticate } from './authenticate.ts';

export interface ProxyOptions {
  readonly service: string;
  readonly url: string;
  readonly signer: CallerSigner;
  readonly authenticate: Authenticate;
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** Everything under /<service>/. */
export function proxyRoutes(app: FastifyInstance, { service, url, signer, authenticate }: ProxyOptions): void {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/+$/, '');
  const pool = new Pool(origin, { connections: 64, keepAliveTimeout: 30_000, bodyTimeout: 0 });
  app.addHook('onClose', () => pool.close());
  app.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    // The body is handed on as it comes, never held.
    routes.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    routes.all(`/${service}/*`, async (request, reply) => {
      const caller = await authenticate(request.headers.authorization).catch(unlessRefused);
      const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
      try {
        const answer = await pool.request({
          method: request.method as 'GET',
          path: `${base}${request.raw.url ?? ''}`,
          headers: await routeHeaders(request.headers, caller, { signer, audience: service }),
          ...(hasBody ? { body: request.raw } : {}),
        });
        for (const [name, value] of Object.entries(answer.headers)) {
          if (value !== undefined && !hopByHop.has(name)) reply.header(name, value);
        }
        return await reply.code(answer.statusCode).send(answer.body);
      } catch (error) {
        request.log.warn({ err: error, service }, 'a route could not be handed on');
        throw new AppError('SERVICE_UNAVAILABLE', `The service ${service} cannot be reached.`, { service });
      }
    });
  });
}

/** Credentials that are not good are for the route to refuse: it may be asked with a signed URL instead. */
function unlessRefused(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return undefined;
  throw error;
}
