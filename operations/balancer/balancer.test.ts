// The load balancer in front of small servers that answer as gateways do.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { freePort } from '../servers/throwaway-process.ts';
import { startBalancer } from './start-balancer.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Gateway {
  readonly url: string;
  readonly server: Server;
  /** What it was asked for, health checks left out. */
  readonly asked: string[];
  ready: boolean;
}

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function startGateway(name: string, handle?: Handler): Promise<Gateway> {
  const server = createServer((request, response) => {
    if (request.url === '/readyz') return response.writeHead(gateway.ready ? 200 : 503).end();
    gateway.asked.push(`${request.method} ${request.url}`);
    if (handle !== undefined) return handle(request, response);
    return response.end(name);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway: Gateway = { url, server, asked: [], ready: true };
  open.push(() => close(server));
  return gateway;
}

function close(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

async function balance(...backends: readonly string[]): Promise<string> {
  const balancer = await startBalancer({ port: 0, host: '127.0.0.1', backends });
  open.push(() => balancer.close());
  return `http://127.0.0.1:${balancer.port}`;
}

const textOf = async (url: string, options?: RequestInit) => (await fetch(url, options)).text();

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await condition()); await pause(50)) {
    if (Date.now() > deadline) throw new Error('it did not come to this in time');
  }
}

/** Asks until each of these has answered, in whatever turn. */
async function untilAnswersAre(url: string, names: readonly string[]): Promise<void> {
  await until(async () => {
    const answers = [await textOf(url), await textOf(url), await textOf(url), await textOf(url)];
    return answers.every((answer) => names.includes(answer)) && names.every((name) => answers.includes(name));
  });
}

test('says so when no gateway is there, in the form of the API', async () => {
  const url = await balance(`http://127.0.0.1:${await freePort()}`);
  const answer = await fetch(`${url}/graphql`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`);
  const [error] = await new Promise<[Error]>((resolve) => socket.once('error', (fault) => resolve([fault])));
  expect(error.message).toContain('503');
});

test('asks the gateways in turn, and only those that are ready', async () => {
  const [one, other] = [await startGateway('one'), await startGateway('other')];
  const url = await balance(one.url, other.url);
  await untilAnswersAre(url, ['one', 'other']);
  other.ready = false;
  await untilAnswersAre(url, ['one']);
  other.ready = true;
  await untilAnswersAre(url, ['one', 'other']);
});

test('asks those that work in part while none is ready', async () => {
  const [one, other] = [await startGateway('one'), await startGateway('other')];
  one.ready = false;
  other.ready = false;
  await untilAnswersAre(await balance(one.url, other.url), ['one', 'other']);
});

test('a request whose connection is refused goes whole to the next gateway, whatever it asks for', async () => {
  const echo: Handler = (request, response) => void request.pipe(response);
  const [one, other] = [await startGateway('one', echo), await startGateway('other', echo)];
  const url = await balance(one.url, other.url);
  await until(async () => (await textOf(url, { method: 'POST', body: 'x' })) === 'x' && other.asked.length > 0);
  await close(one.server);
  const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`);
  const answers = await Promise.all(bodies.map((body) => textOf(url, { method: 'POST', body })));
  expect(answers).toEqual(bodies);
});

test('what a gateway died over is asked of the next when it carries nothing, and else answered as unknown', async () => {
  const die: Handler = (request) => void request.socket.destroy();
  const [dying, other] = [await startGateway('dying', die), await startGateway('other')];
  const url = await balance(dying.url, other.url);
  await until(async () => (await textOf(url)) === 'other' && dying.asked.length > 0);
  for (let time = 0; time < 4; time += 1) expect(await textOf(url)).toBe('other');
  const statuses = [];
  for (let time = 0; time < 4; time += 1) {
    statuses.push((await fetch(url, { method: 'POST', body: '{}' })).status);
  }
  expect(statuses.toSorted()).toEqual([200, 200, 502, 502]);
  const posts = (gateway: Gateway) => gateway.asked.filter((asked) => asked.startsWith('POST')).length;
  expect([posts(dying), posts(other)]).toEqual([2, 2]);
});

test('hands on answers while they come, and large bodies while they go', async () => {
  let received = 0;
  const gateway = await startGateway('one', (request, response) => {
    if (request.method === 'GET')
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event');
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    request.on('end', () => response.end(`${received}`));
  });
  const url = await balance(gateway.url);
  await until(async () => (await fetch(url, { method: 'POST', body: '' })).status === 200);
  // The answer never ends, and its first part is here.
  const events = await fetch(url);
  const { value } = (await events.body?.getReader().read()) ?? {};
  expect(Buffer.from(value ?? []).toString()).toBe('event');

  // The body does not end before the gateway has received its first part.
  const body = Readable.from(
    (async function* () {
      yield Buffer.alloc(1_000_000);
      await until(async () => received >= 1_000_000);
      yield Buffer.alloc(1_000_000);
    })(),
  );
  const upload = { method: 'POST', body: Readable.toWeb(body), duplex: 'half' } as RequestInit;
  expect(await textOf(url, upload)).toBe('2000000');
});

test('an answer that breaks off does not look whole', async () => {
  const gateway = await startGateway('one', (request, response) => {
    response.writeHead(200).write('half', () => request.socket.destroy());
  });
  const url = await balance(gateway.url);
  await until(async () => (await fetch(url).catch(() => undefined))?.status === 200);
  await expect(textOf(url)).rejects.toThrow();
});

test('carries WebSockets, and cuts them when their gateway is gone', async () => {
  const gateway = await startGateway('one');
  const sockets = new WebSocketServer({ server: gateway.server, handleProtocols: () => 'graphql-transport-ws' });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`got ${String(data)}`)));
  const url = await balance(gateway.url);
  await until(async () => (await textOf(url)) === 'one');
  const client = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  await new Promise((resolve) => client.once('open', resolve));
  expect(client.protocol).toBe('graphql-transport-ws');
  const answered = new Promise<string>((resolve) => client.once('message', (data) => resolve(String(data))));
  client.send('hello');
  expect(await answered).toBe('got hello');
  const closed = new Promise((resolve) => client.once('close', resolve));
  for (const socket of sockets.clients) socket.terminate();
  await closed;
});
