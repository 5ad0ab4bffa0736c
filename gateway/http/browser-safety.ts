// What browsers are told: which sites' pages may call (CORS), and what no answer of ours may be used for.
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

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
  app.register(helmet, {
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
  app.register(cors, {
    origin: (origin, answer) => answer(null, origin !== undefined && isAllowedOrigin(origin)),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders,
    maxAge: preflightSeconds,
    // Who calls stands in the Authorization header; no cookie means anything to the API.
    credentials: false,
  });
}
