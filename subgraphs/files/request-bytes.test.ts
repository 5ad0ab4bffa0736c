// Request bodies that stop, break or go on after the answer, on a real server.
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { AppError } from '../../platform/errors.ts';
import { finishRequest } from '../../platform/http/finish-request.ts';
import { requestBytes } from './request-bytes.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function upload(url: string) {
  const client = httpRequest(url, { method: 'PUT' });
  client.on('error', () => {});
  client.write('some bytes');
  return client;
}

async function outcome(request: IncomingMessage, patience: number): Promise<string> {
  let read = '';
  try {
    for await (const chunk of requestBytes(request, patience)) read += Buffer.from(chunk).toString();
  } catch (error) {
    return `${read} | ${(error as AppError).code}: ${(error as AppError).message}`;
  }
  return read;
}

test('a client that stops sending is given up, and told so', async () => {
  const url = await serve(async (request, response) => response.end(await outcome(request, 100)));
  const [response] = await once(upload(url), 'response');
  expect((await response.toArray()).join('')).toBe(
    'some bytes | BAD_REQUEST: No bytes came for 0.1 seconds; the upload was given up.',
  );
});

test('time that the server takes is not held against the client', async () => {
  const url = await serve(async (request, response) => {
    let read = 0;
    for await (const chunk of requestBytes(request, 50)) {
      read += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    response.end(`${read}`);
  });
  const answer = await fetch(url, { method: 'PUT', body: Buffer.alloc(200_000) });
  expect(await answer.text()).toBe('200000');
});

test('a connection that breaks is an upload that was cut off', async () => {
  const outcomes = new Promise<string>((resolve) => {
    serve(async (request) => resolve(await outcome(request, 5_000))).then((url) => {
      const client = upload(url);
      setTimeout(() => client.destroy(), 50);
    });
  });
  expect(await outcomes).toBe('some bytes | BAD_REQUEST: The upload was cut off before its end.');
});

test('a client that was answered early reads the answer, and may not go on sending for ever', async () => {
  const connections: Socket[] = [];
  const url = await serve((request, response) => {
    connections.push(request.socket);
    response.on('finish', () => finishRequest(request, 150));
    response.writeHead(413).end('too large');
  });
  const client = upload(url);
  const [response] = await once(client, 'response');
  expect((await response.toArray()).join('')).toBe('too large');
  const sending = setInterval(() => client.write(Buffer.alloc(100_000)), 10);
  await new Promise((resolve) => client.once('close', resolve));
  clearInterval(sending);
  expect(connections[0]?.destroyed).toBe(true);
});

test.each([
  ['at once', async () => undefined],
  [
    'in the middle',
    async (request: IncomingMessage) => {
      for await (const _chunk of requestBytes(request, 5_000)) break;
    },
  ],
  [
    'while its bytes are still awaited',
    async (request: IncomingMessage) => {
      await requestBytes(request, 5_000).next();
    },
  ],
])('a client that is answered %s and then sends the rest keeps its connection', async (_when, read) => {
  const connections = new Set<Socket>();
  const url = await serve(async (request, response) => {
    connections.add(request.socket);
    response.on('finish', () => finishRequest(request, 2_500));
    await read(request);
    response.writeHead(409).end('no');
  });
  // By hand, for other clients give up on a connection when they are answered early.
  const client = connect(Number(new URL(url).port), '127.0.0.1');
  let answers = '';
  client.on('data', (data) => {
    answers += data.toString();
  });
  const size = 5_000_000;
  for (let round = 1; round <= 2; round++) {
    client.write(`PUT / HTTP/1.1\r\nhost: test\r\ncontent-length: ${size}\r\n\r\n`);
    await new Promise((resolve) => client.write(Buffer.alloc(size), resolve));
    while (answers.split('HTTP/1.1 409').length - 1 < round) await pause(10);
  }
  await pause(3_000);
  expect([...connections].map(({ destroyed }) => destroyed)).toEqual([false]);
  client.destroy();
});
