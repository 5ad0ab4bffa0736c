// The pages at /dev/mail, as a browser on this machine gets them, and as others do not.
import { type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createHttpServer } from '../../../platform/http/create-http-server.ts';
import { newId } from '../../../platform/ids.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import type { UsersDatabase } from '../store.ts';
import { outboxListPage } from './outbox-page.ts';

const anybody = { identify: () => Promise.reject(new Error()), identityOf: () => Promise.reject(new Error()) };

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let graph: TestSubgraphs;
let app: FastifyInstance;
let port: number;

beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  app = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 1_000 });
  await graph.subgraph('users').parts.routes?.(app, anybody);
  await app.listen({ port: 0, host: '0.0.0.0' });
  port = (app.server.address() as AddressInfo).port;
});
afterAll(async () => {
  await app.close();
  await graph.close();
});

interface Asking {
  readonly address?: string;
  /** Any Host header, which fetch would not send. */
  readonly headers?: Record<string, string>;
}

function get(path: string, { address = '127.0.0.1', headers = {} }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: address, port, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.once('error', reject).end();
  });
}

async function keep(columns: { to?: string; subject?: string; text?: string; html?: string } = {}): Promise<string> {
  const database: UsersDatabase = graph.database.forService('users');
  const id = newId();
  const mail = { to: 'ann@example.org', subject: 'Hello', text: 'A text', html: '<p>A text</p>', ...columns };
  await database.db.outboxMail.create({ data: { id, ...mail } });
  return id;
}

describe('/dev/mail is refused', () => {
  test.each([
    ['under a name that was rebound to this machine', { host: 'rebound.example' }],
    ['through a proxy', { host: 'localhost', 'x-forwarded-for': '127.0.0.1' }],
    ['through a proxy that says so by standard', { host: 'localhost', forwarded: 'for=127.0.0.1' }],
  ])('%s', async (_how, headers) => {
    const id = await keep({ subject: 'A secret subject' });
    for (const path of ['/dev/mail', `/dev/mail/${id}`, '/dev/mail/nothing']) {
      await expectRefusal(await get(path, { headers }));
    }
  });

  const elsewhere = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  // A machine without a network has no such address; comes-from-here.test.ts has the rule itself.
  (elsewhere === undefined ? test.skip : test)('from an address of the network', async () => {
    await expectRefusal(await get('/dev/mail', { address: elsewhere ?? '', headers: { host: 'localhost' } }));
  });
});

async function expectRefusal({ status, headers, body }: Answer): Promise<void> {
  expect([status, JSON.parse(body).errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
  expect(headers['cache-control']).toBe('no-store');
  expect(body).not.toContain('secret');
}

describe('/dev/mail', () => {
  test.each([`127.0.0.1`, 'localhost:4000', 'LOCALHOST', '[::1]:4000'])('answers as %s', async (host) => {
    expect(await get('/dev/mail', { headers: { host } })).toMatchObject({ status: 200 });
  });

  test('says when there is none', () => {
    expect(outboxListPage([])).toContain('No mail yet');
  });

  test('lists mails, newest first, what they hold as text', async () => {
    const older = await keep({ to: '"><script>@example.org', subject: '<script>alert(1)</script>' });
    const newer = await keep({ to: 'bea@example.org' });
    const { body, headers } = await get('/dev/mail/');
    expect(body.indexOf(older)).toBeGreaterThan(body.indexOf(newer));
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).not.toMatch(/<script|"><s/);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('shows one mail: its HTML shut in, its text as text', async () => {
    const html = '<p title="a">Hi &amp; bye</p><script>alert(1)</script>"></iframe><img src=x>';
    const id = await keep({ subject: '</title><script>', html, text: 'Hi </pre><script>alert(1)</script>' });
    const { status, body, headers } = await get(`/dev/mail/${id.toUpperCase()}`);
    expect(status).toBe(200);
    expect(body.match(/<script|<img|<\/iframe>(?!<\/section>)/g)).toBeNull();
    const frame = /<iframe [^>]*sandbox="([^"]*)"[^>]* srcdoc="([^"]*)"><\/iframe>/.exec(body);
    expect(frame?.[1]).not.toMatch(/allow-(scripts|same-origin|forms|top-navigation)/);
    expect(frame?.[2]).toContain('&lt;p title=&quot;a&quot;&gt;Hi &amp;amp; bye&lt;/p&gt;');
    expect(body).toContain('<pre>Hi &lt;/pre&gt;');
    expect(headers['content-security-policy']).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toContain('script-src');
  });

  test.each(['nothing', '01900000-0000-7000-8000-000000000001', '%00', '%3Cscript%3E'])(
    'knows no mail %s',
    async (id) => {
      const { status, body, headers } = await get(`/dev/mail/${id}`);
      expect(status).toBe(404);
      expect(body).toContain('No such mail');
      expect(body).not.toContain('<script');
      expect(headers['cache-control']).toBe('no-store');
    },
  );
});
