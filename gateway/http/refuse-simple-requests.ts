// Against requests that a page of another site makes a browser send (CSRF): a browser asks first (CORS preflight) whether
// it may, unless the request is of a kind that plain HTML could send. Requests of that kind are refused.
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../platform/errors.ts';
import type { IsAllowedOrigin } from './browser-safety.ts';

/** Their presence makes a browser ask first; the names are those that Apollo's clients and tools know. */
const preflightHeaders = ['x-apollo-operation-name', 'apollo-require-preflight'] as const;
const simpleTypes = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);

/** BAD_REQUEST for what a browser would send without asking. */
export function refuseSimpleRequests(headers: IncomingHttpHeaders): void {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  const essence = type.trim().toLowerCase();
  if (/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(essence) && !simpleTypes.has(essence)) return;
  if (preflightHeaders.some((name) => (headers[name] ?? '') !== '')) return;
  throw new AppError(
    'BAD_REQUEST',
    'A browser could have been made to send this by another site: send content-type application/json, or the header ' +
      `${preflightHeaders.join(' or ')}.`,
  );
}

/**
 * For what a browser opens by GET without being able to add headers (EventSource): BAD_REQUEST when it says that it is on
 * the page of a site that may not call. Programs say nothing of the kind.
 */
export function refuseForeignPages(headers: IncomingHttpHeaders, isAllowedOrigin: IsAllowedOrigin): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const isForeign =
    origin === undefined ? site === 'cross-site' || site === 'same-site' : !isAllowedOrigin(origin, host);
  if (isForeign) throw new AppError('BAD_REQUEST', 'Pages of this site may not call (CORS_ORIGINS).');
}
