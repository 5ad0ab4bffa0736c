// Connects a client's WebSocket to a gateway's. From then on bytes pass as they come.
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Backend, Backends } from './backends.ts';
import { openUpstream } from './open-upstream.ts';

export async function forwardUpgrade(
  request: IncomingMessage,
  client: Duplex,
  firstBytes: Buffer,
  backends: Backends,
): Promise<void> {
  client.on('error', () => client.destroy());
  const upstream = await openUpstream(request, backends, new Set<Backend>()).catch(() => undefined);
  if (upstream === undefined) {
    client.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  upstream.on('error', () => client.destroy());
  client.once('close', () => upstream.destroy());
  upstream.once('upgrade', (answer, gateway, head) => {
    gateway.on('error', () => gateway.destroy());
    gateway.once('close', () => client.destroy());
    client.once('close', () => gateway.destroy());
    client.write(headOf(answer));
    if (head.length > 0) client.write(head);
    if (firstBytes.length > 0) gateway.write(firstBytes);
    gateway.pipe(client).pipe(gateway);
  });
  // The gateway refuses.
  upstream.once('response', (answer) => {
    client.write(headOf(answer));
    answer.pipe(client);
  });
  upstream.end();
}

function headOf({ statusCode = 502, statusMessage, rawHeaders }: IncomingMessage): string {
  const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  // The body of a refusal ends where the connection does.
  const framing = statusCode === 101 ? pairs : pairs.filter((pair) => !/^(connection|transfer-encoding):/i.test(pair));
  const lines = statusCode === 101 ? framing : [...framing, 'connection: close'];
  return `HTTP/1.1 ${statusCode} ${statusMessage ?? STATUS_CODES[statusCode] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n`;
}
