// Opens a request to one of the gateways, and goes on to the next where that is safe: when no connection came about,
// nothing of the request has gone out, so it may be sent elsewhere whatever it asks for.
import { type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';
import type { Backend, Backends } from './backends.ts';

/** They concern one connection, not what travels over it. */
const hopHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'expect']);

export class NoBackend extends Error {
  override readonly name = 'NoBackend';
}

/**
 * A request with the head of this one, connected, its body not yet written. Where a gateway refuses the connection, the
 * next one is asked. Throws NoBackend when none is left. `tried` learns whom it asked.
 */
export async function openUpstream(
  incoming: IncomingMessage,
  backends: Backends,
  tried: Set<Backend>,
): Promise<ClientRequest> {
  for (;;) {
    const backend = backends.next(tried);
    if (backend === undefined) throw new NoBackend('No gateway takes requests');
    tried.add(backend);
    const upstream = openRequest({
      host: backend.url.hostname,
      port: backend.url.port,
      method: incoming.method,
      path: incoming.url,
      headers: headersFor(incoming),
      // A connection of its own for each: one kept from before may be about to close, and a request lost with it could
      // not be told from one that was carried out.
      agent: false,
    });
    if (await isConnected(upstream)) return upstream;
    backends.noteRefusal(backend);
  }
}

function headersFor({ headers, socket }: IncomingMessage): Record<string, string | string[] | undefined> {
  const kept = Object.entries(headers).filter(([name]) => !hopHeaders.has(name));
  const before = headers['x-forwarded-for'];
  const upgrade = headers.upgrade === undefined ? {} : { connection: 'upgrade' };
  return {
    ...Object.fromEntries(kept),
    ...upgrade,
    'x-forwarded-for': [before ?? [], socket.remoteAddress ?? []].flat().join(', '),
  };
}

function isConnected(upstream: ClientRequest): Promise<boolean> {
  return new Promise((resolve) => {
    const refuse = () => resolve(false);
    upstream.once('error', refuse);
    upstream.once('socket', (socket) => {
      socket.once('connect', () => {
        upstream.off('error', refuse);
        resolve(true);
      });
    });
  });
}
