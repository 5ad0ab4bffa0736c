// The HTTP server: what it answers by itself, before any route is reached.
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createHttpServer } from './create-http-server.ts';

const app = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 1_000 });
let origin: string;

beforeAll(async () => {
  app.get('/things/:name', async () => ({}));
  await app.listen({ port: 0, host: '127.0.0.1' });
  origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
afterAll(() => app.close());

test.each([
  ['an address that is not encoded as it should be', '/things/%2', 400, 'BAD_REQUEST'],
  ['an address that is not encoded as UTF-8', '/things/%ff', 400, 'BAD_REQUEST'],
  ['a part of an address that is longer than any name', `/things/${'a'.repeat(200)}`, 400, 'BAD_REQUEST'],
  ['an address where nothing is', '/nothing', 404, 'NOT_FOUND'],
])('%s is refused like everything else', async (_what, path, status, code) => {
  const answer = await fetch(`${origin}${path}`);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({
    errors: [{ message: expect.stringMatching(/^[^%]+$/), extensions: { code } }],
  });
});
