// What the log of a server holds of requests: enough to find a fault, and no secret of theirs.
import { Readable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createHttpServer } from './create-http-server.ts';

const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
let app: FastifyInstance;
afterEach(() => app.close());

async function start(): Promise<string> {
  lines.length = 0;
  app = createHttpServer({ log, bodyLimit: 1_000 });
  app.get('/shared/:token', async (request, reply) => {
    request.log.warn({ req: request }, 'this happened');
    if ('fail' in (request.query as object)) throw new Error('on purpose');
    if ('break' in (request.query as object)) return reply.send(Readable.from(breaking()));
    // Node refuses such a header when it is to be sent.
    if ('header' in (request.query as object)) reply.raw.setHeader = () => raise();
    return 'fine';
  });
  return app.listen({ port: 0, host: '127.0.0.1' });
}

function raise(): never {
  throw new Error('on purpose');
}

async function* breaking() {
  yield Buffer.alloc(10_000);
  throw new Error('on purpose');
}

test('paths and queries stay out of the log, whatever happens; the route is named', async () => {
  const url = await start();
  const headers = { authorization: 'Bearer hidden-one' };
  for (const path of [
    '/shared/hidden-one',
    '/shared/hidden-one?fail&key=hidden-one',
    '/shared/hidden-one?break',
    '/shared/hidden-one?header',
    '/elsewhere/hidden-one',
    '/shared/%68idden-one%zz',
  ]) {
    await fetch(`${url}${path}`, { headers })
      .then((response) => response.text())
      .catch(() => {});
  }
  await fetch(`${url}/shared/hidden-one`, { method: 'POST', body: 'x'.repeat(2_000), headers });
  expect(lines.filter((line) => line.includes('hidden-one'))).toEqual([]);
  expect(lines.map((line) => JSON.parse(line).req)).toContainEqual({ method: 'GET', route: '/shared/:token' });
});
