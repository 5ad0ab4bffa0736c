// Records every HTTP request in the access log when its answer has been sent, with what was noted of it on its way.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { systemClock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { findAppError } from '../../platform/mask-errors.ts';
import type { AddressOf } from '../protection/client.ts';
import { type AccessLog, noAccessLog } from './access-log.ts';
import { type AccessNote, emptyNote } from './access-note.ts';
import type { ClientFacts } from './record-live.ts';

const notes = new WeakMap<FastifyRequest, AccessNote>();

/** The note of a request: whatever handles it adds what it finds out. */
export function noteOf(request: FastifyRequest): AccessNote {
  const note = notes.get(request) ?? emptyNote();
  notes.set(request, note);
  return note;
}

/** Asked every few seconds by machines, and about nobody. */
const quiet = new Set(['/healthz', '/readyz', '/metrics']);

const recordedElsewhere = new WeakSet<FastifyRequest>();

/** The request has become a stream: what runs on it is recorded by itself (record-live.ts). */
export function becameStream(request: FastifyRequest): void {
  recordedElsewhere.add(request);
}

export function streamFacts(request: FastifyRequest, addressOf: AddressOf): ClientFacts {
  return { ...clientFacts(request, addressOf), request: requestLine(request), httpStatus: 200 };
}

/** Before any route is added. */
export function recordRequests(app: FastifyInstance, accessLog: AccessLog, addressOf: AddressOf): void {
  if (accessLog === noAccessLog) return;
  app.addHook('onError', async (request, _reply, error) => {
    noteOf(request).errorCodes = [findAppError(error)?.code ?? codeOfStatus(error.statusCode ?? 500)];
  });
  app.addHook('onResponse', async (request, reply) => {
    if (quiet.has(request.routeOptions.url ?? '') || recordedElsewhere.has(request)) return;
    const { caller, operationName, rootFields, errorCodes } = noteOf(request);
    const duration = reply.elapsedTime;
    accessLog.record({
      ...clientFacts(request, addressOf),
      id: newId(),
      timestamp: Math.round(systemClock() - duration),
      httpStatus: reply.statusCode,
      duration: Math.round(duration * 1_000),
      userId: caller?.identity.userId ?? null,
      applicationId: caller?.identity.applicationId ?? null,
      request: requestLine(request),
      responseBodySize: sizeOf(reply),
      operationName: operationName ?? null,
      rootFields,
      errorCodes,
      requestId: request.id,
    });
  });
}

/** Of what Fastify itself refuses. */
function codeOfStatus(status: number): string {
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  return status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
}

/** Where a request comes from, and what it says of itself. */
function clientFacts({ raw, headers }: FastifyRequest, addressOf: AddressOf) {
  return { userAddress: addressOf(raw), host: headers.host ?? '', userAgent: headers['user-agent'] ?? '' };
}

function requestLine({ method, url, raw }: FastifyRequest): string {
  return `${method} ${withoutSecrets(url)} HTTP/${raw.httpVersion}`;
}

/** Addresses that are as good as a password. */
const secretPaths = /^(\/files\/(?:tokens|uploads)\/)[^/]+/;

/** The path, without parts that are secrets, and the names of what its query string gives, without the values. */
export function withoutSecrets(url: string): string {
  const [path = '', query] = url.split('?', 2);
  const shown = path.replace(secretPaths, '$1…');
  if (query === undefined || query === '') return shown;
  const names = new Set(query.split('&').map((part) => part.split('=', 1)[0]));
  return `${shown}?${[...names].map((name) => `${name}=…`).join('&')}`;
}

function sizeOf(reply: FastifyReply): number | null {
  const length = Number(reply.getHeader('content-length'));
  return Number.isSafeInteger(length) ? length : null;
}
