// A file as the answer to `GET` or `HEAD`: whole, in part, or "you have it already". Who may have it was decided before.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../platform/errors.ts';
import { alreadyHas, requestedRange } from './byte-ranges.ts';
import { attachment } from './content-disposition.ts';
import { sha256Header } from './digest-header.ts';
import type { CompleteFile } from './models.ts';
import type { FileReader } from './read-file.ts';

interface Answer {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly file: CompleteFile;
  readonly reader: FileReader;
  readonly patience: number;
}

export async function answerWithBytes({ request, reply, file, reader, patience }: Answer): Promise<FastifyReply> {
  const { headers } = request;
  const etag = `"${file.sha256}"`;
  // A cache may keep the bytes, but asks each time: whoever may see them today may not tomorrow.
  reply.headers({ etag, 'cache-control': 'private, no-cache' });
  if (alreadyHas(headers['if-none-match'], etag)) return reply.code(304).send();

  const size = Number(file.size);
  const wanted = { range: headers.range, ifRange: headers['if-range']?.toString() };
  const range = requestedRange(wanted, size, etag);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${size}`);
    throw new AppError('RANGE_NOT_SATISFIABLE');
  }
  reply.headers({
    'accept-ranges': 'bytes',
    'content-type': file.mimeType,
    'content-length': range === undefined ? size : range.end - range.start + 1,
    'content-disposition': attachment(file.name),
    'repr-digest': sha256Header(file.sha256),
    // What somebody uploaded must not run as a page of this origin, whatever it says it is.
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  if (range !== undefined) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
  if (request.method === 'HEAD') return reply.send();
  const bytes = await reader.getBytes(file, range);
  // A client that takes no more bytes must not hold the file open for ever.
  reply.raw.setTimeout(patience);
  return reply.send(bytes);
}
