// Routes of services in other processes: what is handed on, and that slow clients hold nobody else up.
import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { freePort } from '../operations/servers/throwaway-process.ts';
import { createHttpServer } from '../platform/http/create-http-server.ts';
import { anonymous } from '../platform/identity/identity.ts';
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
    if (asked.headers['x-answer'] === 'at once') {
      answer.writeHead(413).end('too much');
      asked.resume();
      return;
    }
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

test('a client that is answered while it is still sending has its connection for the next request', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (more: Record<string, string>) =>
    request({ port, path: '/oauth2/token', method: 'POST', agent, headers: { ...headers, ...more } });
  const early = send({ 'x-answer': 'at once', 'content-length': '3000000' });
  early.write(Buffer.alloc(1_000_000));
  const [refused] = (await once(early, 'response')) as [IncomingMessage];
  expect(refused.statusCode).toBe(413);
  refused.resume();
  const { socket } = early;
  early.end(Buffer.alloc(2_000_000));
  await Promise.all([once(refused, 'end'), once(early, 'finish')]);
  const next = send({});
  next.end('a=b');
  const [answer] = (await once(next, 'response')) as [IncomingMessage];
  expect([answer.statusCode, next.socket === socket]).toEqual([200, true]);
  answer.resume();
  await once(answer, 'end');
  agent.destroy();
});

test('what is refused while a service is away leaves no secret of its address in the log', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const alone = createHttpServer({ log, bodyLimit: 1_000_000 });
  proxyRoutes(alone, {
    service: 'files',
    url: `http://127.0.0.1:${await freePort()}`,
    signer: createCallerSigner('tests sign with this secret of more than 32 characters', Date.now),
    authenticate: async () => ({ identity: anonymous }),
  });
  const url = await alone.listen({ port: 0, host: '127.0.0.1' });
  const response = await fetch(`${url}/files/tokens/hidden-one?key=hidden-one`);
  expect([response.status, (await response.text()).includes('hidden-one')]).toEqual([503, false]);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes('hidden-one'))).toEqual([]);
  await alone.close();
});
