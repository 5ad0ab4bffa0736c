// A client that goes away is noticed, and one that only has its answer is not taken for gone.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { whenGone } from './when-gone.ts';

let server: Server;
let client: Socket;
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
});
afterEach(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function ask(): Promise<{ signal: AbortSignal; response: ServerResponse }> {
  const asked = once(server, 'request');
  client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const [request, response] = (await asked) as [IncomingMessage, ServerResponse];
  return { signal: whenGone(request.socket), response };
}

test('it fires when the connection closes before the answer', async () => {
  const { signal } = await ask();
  expect(signal.aborted).toBe(false);
  const fired = once(signal, 'abort');
  client.destroy();
  await fired;
});

test('requests of one connection share it, and none is ended by the answer to another', async () => {
  const first = await ask();
  const answered = once(client, 'data');
  first.response.end('done');
  await answered;
  const second = await ask();
  expect(second.signal).toBe(first.signal);
  expect(second.signal.aborted).toBe(false);
  second.response.end();
});

test('of a connection that is closed already it has fired', async () => {
  const { response } = await ask();
  const socket = response.socket as Socket;
  const closed = once(socket, 'close');
  client.destroy();
  await closed;
  expect(whenGone(socket).aborted).toBe(true);
});
