// Hands a request to a gateway and its answer to the client, both streamed.
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Backend, Backends } from './backends.ts';
import { openUpstream } from './open-upstream.ts';

export async function forwardRequest(
  request: IncomingMessage,
  response: ServerResponse,
  backends: Backends,
): Promise<void> {
  const tried = new Set<Backend>();
  // What asks and carries nothing can be asked again of the next, even when a gateway died over it.
  const isRepeatable = (request.method === 'GET' || request.method === 'HEAD') && !hasBody(request);
  for (;;) {
    let upstream: ClientRequest;
    try {
      upstream = await openUpstream(request, backends, tried);
    } catch {
      return refuse(response, 503, 'No gateway is ready. Try again in a moment.');
    }
    const answer = await exchange(request, response, upstream);
    if (answer !== undefined) return handOn(answer, response);
    if (response.destroyed) return;
    if (!isRepeatable) return refuse(response, 502, 'The gateway ended before it answered; it may have done its work.');
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The answer's head; undefined when the connection broke before there was one. */
function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: ClientRequest,
): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    upstream.once('response', resolve);
    upstream.on('error', () => resolve(undefined));
    response.once('close', () => {
      upstream.destroy();
      resolve(undefined);
    });
    request.pipe(upstream);
  });
}

function handOn(answer: IncomingMessage, response: ServerResponse): void {
  const { connection: _one, 'keep-alive': _other, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
  // Server-sent events start with a head alone.
  response.flushHeaders();
  answer.pipe(response);
  // An answer that was cut off must not look whole.
  answer.once('close', () => {
    if (!answer.complete) response.destroy();
  });
}

function refuse(response: ServerResponse, status: 502 | 503, message: string): void {
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
  const headers = { 'content-type': 'application/json', 'retry-after': '1', connection: 'close' };
  response.writeHead(status, headers).end(body);
}
