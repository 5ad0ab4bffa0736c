// Bytes that make no request are refused in the form of every other refusal, and nothing of them gets to the log.
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createHttpServer } from './create-http-server.ts';

const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
let app: FastifyInstance;
beforeAll(async () => {
  app = createHttpServer({ log, bodyLimit: 1_000 });
  app.get('/', async () => 'fine');
  app.get('/slowly', async (_, reply) => {
    reply.raw.writeHead(200).write('so far');
    return reply.hijack();
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => app.close());

class TimeoutError extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT';
}

/** Sends the text on a connection of its own, more once something came, and reads until the server closes it. */
async function send(text: string, more?: string): Promise<string> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  socket.write(text);
  if (more !== undefined) socket.once('data', () => socket.write(more));
  await once(socket, 'close');
  return answer;
}

function expectRefusal(answer: string, status: string, code: string, message: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head.split('\r\n')).toEqual([
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]);
  expect(JSON.parse(body)).toEqual({ errors: [{ message, extensions: { code } }] });
}

const tooLarge = ['431 Request Header Fields Too Large', 'HEADERS_TOO_LARGE'] as const;
const tooLargeMessage = 'The address and the headers are larger than allowed.';

test('an address that is too long', async () => {
  const answer = await send(`GET /?${'a'.repeat(16_384)} HTTP/1.1\r\nhost: a\r\n\r\n`);
  expectRefusal(answer, ...tooLarge, tooLargeMessage);
});

test('headers that are too large', async () => {
  const answer = await send(`GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${'hidden'.repeat(3_000)}\r\n\r\n`);
  expectRefusal(answer, ...tooLarge, tooLargeMessage);
});

test('an answer reaches also who sends far more than is read', async () => {
  const answer = await send(`GET /?${'a'.repeat(3_000_000)} HTTP/1.1\r\nhost: a\r\n\r\n`);
  expectRefusal(answer, ...tooLarge, tooLargeMessage);
});

test('what comes in the middle of another answer only ends it', async () => {
  const answer = await send('GET /slowly HTTP/1.1\r\nhost: a\r\n\r\n', 'hidden\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(answer).not.toContain('BAD_REQUEST');
});

test.each(['hello hidden\r\n\r\n', 'GET / HTTP/9.9\r\nhost: hidden\r\n\r\n', 'GET / HTTP/1.1\r\nhidden\r\n\r\n'])(
  'what is not HTTP: %j',
  async (text) => {
    expectRefusal(await send(text), '400 Bad Request', 'BAD_REQUEST', 'The request cannot be read.');
  },
);

test('headers that do not end', async () => {
  // Node.js looks for them every 30 seconds only.
  app.server.once('connection', (socket) =>
    setTimeout(() => app.server.emit('clientError', new TimeoutError(), socket), 50),
  );
  const answer = await send('GET / HTTP/1.1\r\nhost: hidden\r\n');
  expectRefusal(answer, '408 Request Timeout', 'REQUEST_TIMEOUT', 'The request did not arrive in time.');
});

test('nothing of it is in the log', () => {
  expect(lines.join('')).not.toMatch(/hidden|Buffer/);
});
