// What browsers are told: which sites' pages may call (CORS), and what no answer of ours may be used for.
import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';

export interface OriginOptions {
  /** Where clients reach the gateway. */
  readonly publicUrl: string;
  /** The origins besides its own whose pages may call. */
  readonly corsOrigins: readonly string[];
  readonly production: boolean;
}

/** Whether pages of an origin may call; `host` is what the request was sent to. */
export type IsAllowedOrigin = (origin: string, host?: string) => boolean;

const localHost = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

export function createIsAllowedOrigin({ publicUrl, corsOrigins, production }: OriginOptions): IsAllowedOrigin {
  const allowed = new Set([...corsOrigins, ...(URL.canParse(publicUrl) ? [new URL(publicUrl).origin] : [])]);
  return (origin, host) =>
    allowed.has(origin) ||
    (!production && localHost.test(origin)) ||
    (host !== undefined && URL.canParse(origin) && new URL(origin).host === host);
}

/** Headers that pages of other origins may read. */
const exposedHeaders = [
  ...['x-operation-cost', 'x-cost-remaining', 'retry-after', 'x-stream-id', 'x-token-expires-at'],
  ...['location', 'upload-offset', 'upload-length', 'upload-expires', 'tus-resumable', 'tus-version', 'tus-extension'],
  ...['content-disposition', 'content-range', 'accept-ranges', 'etag', 'repr-digest'],
];
const preflightSeconds = 600;

export interface BrowserSafetyOptions {
  readonly isAllowedOrigin: IsAllowedOrigin;
  /** Whether clients reach the gateway by HTTPS. */
  readonly isSecure: boolean;
}

/** For all answers. What a page needs besides, its route sets itself. */
export function registerBrowserSafety(app: FastifyInstance, { isAllowedOrigin, isSecure }: BrowserSafetyOptions): void {
  const headers = helmetHeaders({
    // Answers are no pages.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    hsts: isSecure ? { maxAge: 365 * 86_400, includeSubDomains: false } : false,
    // Pages of other origins show pictures by their addresses, and sign users in in a window of their own.
    crossOriginResourcePolicy: false,
    crossOriginOpenerPolicy: false,
  });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
  app.register(cors, {
    origin: (origin, answer) => answer(null, origin !== undefined && isAllowedOrigin(origin)),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders,
    maxAge: preflightSeconds,
    // Who calls stands in the Authorization header; no cookie means anything to the API.
    credentials: false,
  });
}

/** What helmet would set, which is the same for every answer: making it anew costs as much as a small query's plan does. */
function helmetHeaders(options: HelmetOptions): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, response as unknown as ServerResponse, (error) => {
    if (error !== undefined) throw error;
  });
  return headers;
}
