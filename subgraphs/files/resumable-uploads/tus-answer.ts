// Has @tus/server answer a request: with our errors, and a body that ends where the connection broke, so that what had
// arrived is kept.
import { Readable } from 'node:stream';
import { type Locker, Server } from '@tus/server';
import type { FastifyRequest } from 'fastify';
import { resumableUploadsPath } from '../file-urls.ts';
import { requestBytes } from '../request-bytes.ts';
import type { TusDataStore } from './tus-data-store.ts';
import { isTusRefusal, refusalOf } from './tus-refusals.ts';

export interface TusExchange {
  readonly method: string;
  readonly store: TusDataStore;
  readonly locker: Locker;
  /** The id of the file that the request is about, if it names one. */
  readonly fileId: string | undefined;
  /** Headers of the protocol that the request is to be taken without. */
  readonly without: ReadonlySet<string>;
  readonly mostBytes: number;
  readonly patience: number;
}

export interface TusAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** Milliseconds for which a request goes on taking bytes when another one has come for the same upload. */
const drainTime = 1_000;

/** Rejects with what the store threw, with an AppError for what the protocol refuses, and when the body broke off. */
export async function tusAnswer(request: FastifyRequest, exchange: TusExchange): Promise<TusAnswer> {
  const { store, locker, fileId, mostBytes, patience } = exchange;
  let failure: unknown;
  const server = new Server({
    path: resumableUploadsPath,
    datastore: store,
    locker,
    lockDrainTimeout: drainTime,
    maxSize: mostBytes,
    getFileIdFromRequest: () => fileId,
    onResponseError(_request, error) {
      failure ??= error;
      return undefined;
    },
  });
  const body = unbrokenBody(request, patience);
  try {
    const response = await server.handleWeb(webRequest(request, body.stream, exchange));
    failure = store.failure ?? failure;
    if (failure !== undefined) throw isTusRefusal(failure) ? refusalOf(failure) : failure;
    if (response.status >= 400) throw refusalOf({ status_code: response.status, body: await response.text() });
    if (body.broken() !== undefined) throw body.broken();
    return { status: response.status, headers: protocolHeaders(response.headers) };
  } finally {
    body.end();
  }
}

function unbrokenBody(request: FastifyRequest, patience: number) {
  const ended = new AbortController();
  let broken: unknown;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      yield* requestBytes(request.raw, patience, ended.signal);
    } catch (error) {
      broken = error;
    }
  }
  const stream = Readable.from(bytes(), { objectMode: false });
  const end = () => {
    ended.abort();
    stream.destroy();
  };
  return { stream, broken: () => broken, end };
}

const hasBody = new Set(['POST', 'PATCH']);

function webRequest({ headers, url }: FastifyRequest, body: Readable, { method, without }: TusExchange): Request {
  const kept = Object.entries(headers).filter(([name]) => isOfProtocol(name) && !without.has(name));
  return new Request(`http://uploads${url}`, {
    method,
    headers: kept.map(([name, value]) => [name, String(value)] as [string, string]),
    ...(hasBody.has(method) ? { body: Readable.toWeb(body) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
  });
}

/** What the protocol defines. Others of the server's headers are for proxies and for other origins. */
function isOfProtocol(name: string): boolean {
  return /^(upload|tus)-|^content-(length|type)$/.test(name);
}

function protocolHeaders(headers: Headers): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => /^(upload|tus)-|^cache-control$/.test(name)));
}
