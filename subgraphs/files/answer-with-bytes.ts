// Bytes as the answer to `GET` or `HEAD`: whole, in part, or "you have it already". Who may have them was decided before.
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { alreadyHas, requestedRange } from './byte-ranges.ts';
import { contentDisposition } from './content-disposition.ts';
import { sha256Header } from './digest-header.ts';
import type { Downloadable } from './downloadable.ts';
import { storeFailure } from './store-failure.ts';

export interface Answer {
  readonly download: Downloadable;
  /** Media types that a browser may show instead of saving them. */
  readonly shownTypes: readonly string[];
  /** Runs when nothing but sending bytes is left to do; what it throws is the answer instead. */
  readonly beforeBytes?: (() => Promise<void>) | undefined;
  /** Milliseconds for which a client may take no byte. */
  readonly patience: number;
  readonly log: Logger;
}

export async function answerWithBytes(
  request: FastifyRequest,
  reply: FastifyReply,
  { download, shownTypes, beforeBytes, patience, log }: Answer,
): Promise<FastifyReply> {
  const { headers } = request;
  const { etag } = download;
  if (alreadyHas(headers['if-none-match'], etag)) return reply.headers(cached(etag)).code(304).send();

  const loaded = await orFailure(download.load(), log);
  const { size, sha256 } = loaded;
  const wanted = { range: headers.range, ifRange: headers['if-range']?.toString() };
  const range = requestedRange(wanted, size, etag);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${size}`);
    throw new AppError('RANGE_NOT_SATISFIABLE');
  }
  const isHead = request.method === 'HEAD';
  // Whatever is wrong with the first bytes is told before the headers say that all is well.
  const bytes = isHead ? undefined : await orFailure(loaded.open(range), log);
  if (bytes !== undefined) await beforeBytes?.().catch((error: unknown) => refuse(bytes, error));
  reply.headers({
    ...cached(etag),
    'accept-ranges': 'bytes',
    'content-type': loaded.mimeType,
    'content-length': range === undefined ? size : range.end - range.start + 1,
    'content-disposition': contentDisposition(loaded, shownTypes),
    ...(sha256 === undefined ? {} : { 'repr-digest': sha256Header(sha256) }),
    // What somebody uploaded must not run as a page of this origin, whatever it says it is.
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    // The address may hold a token: where a link in the file leads to need not know it.
    'referrer-policy': 'no-referrer',
  });
  if (range !== undefined) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
  if (bytes === undefined) return reply.send();
  bytes.once('error', (error) => void storeFailure(error, log));
  // A client that takes no more bytes must not hold the file open for ever.
  reply.raw.setTimeout(patience);
  return reply.send(bytes);
}

/** A cache may keep the bytes, but asks each time: whoever may see them today may not tomorrow. */
function cached(etag: string): Record<string, string> {
  return { etag, 'cache-control': 'private, no-cache' };
}

function orFailure<T>(reading: Promise<T>, log: Logger): Promise<T> {
  return reading.catch((error: unknown) => {
    throw storeFailure(error, log);
  });
}

function refuse(bytes: Readable, error: unknown): never {
  bytes.destroy();
  throw error;
}
