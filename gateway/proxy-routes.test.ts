// Routes of services in other processes: what is handed on, and that slow clients hold nobody else up.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createHttpServer } from '../platform/http/create-http-server.ts';
import { createCallerSigner } from '../platform/identity/signed-caller.ts';
import { proxyRoutes } from './proxy-routes.ts';

let service: Server;
let gateway: FastifyInstance;
let port: number;
const seen: IncomingHttpHeaders[] = [];
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  service = createServer((asked, answer) => {
    seen.push(asked.headers);
    asked.resume().on('end', () => answer.end('done'));
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  gateway = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 1_000_000 });
  proxyRoutes(gateway, {
    service: 'auth',
    url: `http://127.0.0.1:${portOf(service)}`,
    signer: createCallerSigner('tests sign with this secret of more than 32 characters', Date.now),
    authenticate: () => Promise.reject(new Error('the route looks at credentials itself')),
  });
  await gateway.listen({ port: 0, host: '127.0.0.1' });
  port = portOf(gateway.server);
});
afterAll(async () => {
  gateway.server.closeAllConnections();
  service.closeAllConnections();
  await gateway.close();
  service.close();
});

const headers = { 'content-type': 'application/x-www-form-urlencoded' };
const ask = (more: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${port}/oauth2/token`, { method: 'POST', body: 'a=b', headers: { ...headers, ...more } });

describe('a route that looks at credentials itself', () => {
  test('gets them as they are, and nothing that only the gateway may say', async () => {
    const given = { authorization: 'Basic YTpi', cookie: 'a=b', 'x-caregraph-caller': 'forged' };
    expect(await (await ask(given)).text()).toBe('done');
    expect(seen.at(-1)).toMatchObject({ authorization: 'Basic YTpi', cookie: 'a=b' });
    expect(seen.at(-1)).not.toHaveProperty('x-caregraph-caller');
  });

  test('answers while many slow clients have not sent all of their requests', async () => {
    const before = seen.length;
    const slow = Array.from({ length: 100 }, () => {
      const path = '/oauth2/token';
      const upload = request({ port, path, method: 'POST', headers: { ...headers, 'content-length': '1000' } });
      upload.on('error', () => undefined);
      upload.write('a');
      return upload;
    });
    while (seen.length < before + slow.length) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await (await ask()).text()).toBe('done');
    for (const upload of slow) upload.destroy();
  });
});
