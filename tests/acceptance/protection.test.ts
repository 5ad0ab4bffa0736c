// What the gateway refuses before it works, the same over HTTP, WebSockets and streams; and what it tells browsers.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { WebSocket } from 'ws';
import { describeClinic } from '../support/describe-clinic.ts';
import type { Payload } from '../support/every-transport.ts';
import { askOver, transports } from '../support/every-transport.ts';

jest.setTimeout(300_000);

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
const me = '{ me { id } }';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const login = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';

describeClinic('protection', (world) => {
  const asJane = (transport: (typeof transports)[number], payload: Payload) =>
    askOver(transport, { url: world.shape.url, token: world.clinic.jane.token }, payload);
  const post = (body: unknown, headers: Record<string, string> = {}, url = world.shape.url) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const authorization = () => `Bearer ${world.clinic.jane.token}`;
  const codeOf = async (response: Response) =>
    ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

  describe.each(transports)('over %s', (transport) => {
    const pages =
      'documents(schemaName: "x", first: 100) { nodes { versions(first: 100) { nodes { changes { path } } } } }';
    const deep = (levels: number): string => (levels === 0 ? 'id' : `group { roles { ${deep(levels - 1)} } }`);

    test.each([
      ['aliases', `{ ${times(101, (i) => `a${i}: __typename`)} }`],
      ['rootFields', `{ ${times(51, (i) => `a${i}: me { id }`)} }`],
      [
        'directives',
        `{ me { ${times(34, (i) => `f${i}: id @include(if: true) @skip(if: false) @include(if: true)`)} } }`,
      ],
      ['directivesAtOnce', '{ __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }'],
      ['selections', `{ ${'__typename '.repeat(500)} }`],
      ['depth', `{ role(id: "x") { ${deep(12)} } }`],
      ['tokens', `{ ${'me '.repeat(15_001)} }`],
      ['characters', `{ me { id } } # ${'x'.repeat(1_000_000)}`],
      ['cost', `{ ${pages} }`],
    ])('more %s than allowed are refused, and the limit named', async (limit, query) => {
      const { errors } = await asJane(transport, { query });
      expect(errors).toHaveLength(1);
      expect(errors[0].extensions).toMatchObject({
        code: 'OPERATION_TOO_LARGE',
        details: { limit, most: expect.any(Number) },
      });
    });

    test('answers in parts are refused, and it is said why', async () => {
      const { errors } = await asJane(transport, { query: '{ ... @defer { me { id } } }' });
      expect(errors[0]).toMatchObject({
        message: expect.stringContaining('@defer'),
        extensions: { code: 'BAD_REQUEST' },
      });
    });

    test('a text is sent once, with its hash, and named by it from then on', async () => {
      const query = `query Once { me { id } } # ${transport} ${world.shape.url}`;
      const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };
      expect((await asJane(transport, { extensions })).errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
      const wrong = { query: me, extensions };
      expect((await asJane(transport, wrong)).errors[0].extensions.code).toBe('BAD_REQUEST');
      for (const payload of [{ query, extensions }, { extensions }]) {
        expect((await asJane(transport, payload)).data).toEqual({ me: { id: world.clinic.jane.userId } });
      }
    });

    test('GraphiQL can read the schema', async () => {
      const { data, errors } = await asJane(transport, {
        query: getIntrospectionQuery({ inputValueDeprecation: true }),
      });
      expect([errors, data.__schema.queryType.name]).toEqual([undefined, 'Query']);
    });
  });

  test('what an operation costs, and what is left, is told: in headers, or in the result where there are none', async () => {
    const query = '{ me { id roles { name } } }';
    const answer = await post({ query }, { authorization: authorization() });
    expect(answer.headers.get('x-operation-cost')).toBe('11');
    expect(Number(answer.headers.get('x-cost-remaining'))).toBeGreaterThan(500_000);
    for (const transport of ['WebSocket', 'stream'] as const) {
      const told = await asJane(transport, { query, extensions: { cost: true } });
      expect(told.extensions.cost).toEqual({ estimated: 11, remaining: expect.any(Number) });
      expect((await asJane(transport, { query })).extensions).toBeUndefined();
    }
  });

  test('the status follows the form of the answer', async () => {
    const statusFor = async (query: string, accept: string) => {
      const answer = await post({ query }, { accept });
      return [answer.status, answer.headers.get('content-type')?.split(';')[0]];
    };
    for (const query of ['{ nothing }', '{ me']) {
      expect(await statusFor(query, 'application/json')).toEqual([200, 'application/json']);
      expect(await statusFor(query, '*/*')).toEqual([400, 'application/json']);
      const form = 'application/graphql-response+json';
      expect(await statusFor(query, form)).toEqual([400, form]);
    }
  });

  test('other methods, other forms and batches are refused', async () => {
    const put = await fetch(`${world.shape.url}/graphql`, { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST']);
    const parts = await post({ query: me }, { accept: 'multipart/mixed;deferSpec=20220824' });
    expect([parts.status, await codeOf(parts)]).toEqual([406, 'BAD_REQUEST']);
    const batch = await post([{ query: me }]);
    expect(batch.status).toBe(400);
    expect(await batch.text()).toMatch(/MAX_BATCH/);
  });

  test('what another site can make a browser send is refused, on the path of streams, too', async () => {
    const body = JSON.stringify({ query: me });
    for (const path of ['/graphql', '/graphql/stream']) {
      const url = `${world.shape.url}${path}`;
      const simple = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
      expect([simple.status, await codeOf(simple)]).toEqual([400, 'BAD_REQUEST']);
    }
    const address = `?query=${encodeURIComponent(me)}`;
    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(`${world.shape.url}${path}${address}`, { headers });
    expect((await get('/graphql')).status).toBe(400);
    expect((await get('/graphql', { 'apollo-require-preflight': '1' })).status).toBe(200);
    expect((await get('/graphql/stream', { origin: 'https://evil.example' })).status).toBe(400);
    const mutation = encodeURIComponent('mutation { logout { user { id } } }');
    const headers = { 'apollo-require-preflight': '1' };
    expect((await fetch(`${world.shape.url}/graphql?query=${mutation}`, { headers })).status).not.toBe(200);
  });

  test('browsers are told what not to do with answers', async () => {
    for (const path of ['/graphql', '/healthz', '/nothing']) {
      const { headers } = await fetch(`${world.shape.url}${path}`);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await post({ query: me })).headers.get('cache-control')).toBe('no-store');
  });

  const corsFor = async (origin: string) => {
    const ask = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const preflight = await fetch(`${world.shape.url}/graphql`, { method: 'OPTIONS', headers: ask });
    const answer = await post({ query: me }, { origin });
    expect(answer.headers.get('access-control-allow-origin')).toBe(
      preflight.headers.get('access-control-allow-origin'),
    );
    return preflight.headers.get('access-control-allow-origin');
  };
  const socketOpensFor = (origin: string) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(`${world.shape.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        origin,
      });
      socket.once('open', () => resolve(true)).once('error', () => resolve(false));
      socket.once('open', () => socket.terminate());
    });

  test('pages of this machine may call in development, and no others', async () => {
    expect(await corsFor('http://localhost:3000')).toBe('http://localhost:3000');
    expect(await corsFor('https://evil.example')).toBeNull();
    expect(await socketOpensFor('http://localhost:3000')).toBe(true);
    expect(await socketOpensFor('https://evil.example')).toBe(false);
  });

  describe('as an operator sets it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trusted-'));
    const trusted = 'query Trusted { me { id } }';
    const file = join(folder, 'documents.json');
    beforeAll(async () => {
      const operations = [{ id: 'trusted-1', name: 'Trusted', type: 'query', body: trusted }];
      writeFileSync(file, JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }));
      await world.shape.restart({
        ...{ MAX_OPERATION_COST: '1000', COST_PER_MINUTE: '1000', MAX_BATCH: '2', RATE_LIMITS: 'sign-in=1' },
        ...{ TRUSTED_PROXIES: '1', CORS_ORIGINS: 'https://app.example.org', TRUSTED_DOCUMENTS: file },
      });
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test('who has spent what a minute allows must wait, and others need not', async () => {
      // It costs 881 of 1000: what comes back in a minute is not enough for a second one soon.
      const query = '{ users(first: 80) { nodes { id roles { name } } } }';
      const as = (token: string | undefined) => post({ query }, { authorization: `Bearer ${token}` });
      let answer = await as(world.clinic.karim.token);
      for (let asked = 0; answer.status === 200 && asked < 50; asked += 1) answer = await as(world.clinic.karim.token);
      expect(answer.status).toBe(429);
      const { errors } = (await answer.json()) as { errors: { extensions: { code: string; details: object } }[] };
      const seconds = Number(answer.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(errors[0]?.extensions).toEqual({
        code: 'RATE_LIMITED',
        details: { limit: 'cost', retryAfterSeconds: seconds },
      });
      for (const transport of ['WebSocket', 'stream'] as const) {
        const asking = { url: world.shape.url, token: world.clinic.karim.token };
        expect((await askOver(transport, asking, { query })).errors[0].extensions.code).toBe('RATE_LIMITED');
      }
      expect((await as(world.clinic.rosa.token)).status).toBe(200);
    });

    test('one address signs in only so often, by whatever name, and several times in one operation count as such', async () => {
      const from = (address: string, query = login) => {
        const input = { email: `${Math.random()}@example.org`, password: 'Wrong-1234' };
        return post({ query, variables: { input } }, { 'x-forwarded-for': `203.0.113.1, ${address}` });
      };
      const twice = login.replace('login(', 'a: login(').replace(/}\s*$/, 'b: login(input: $input) { accessToken } }');
      expect((await from('192.0.2.1', twice)).status).toBe(200);
      for (let tried = 2; tried < 5; tried += 1) expect((await from('192.0.2.1')).status).toBe(200);
      const refused = await from('192.0.2.1');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
      expect(await refused.json()).toMatchObject({
        errors: [{ extensions: { code: 'RATE_LIMITED', details: { limit: 'sign-in' } } }],
      });
      expect((await from('192.0.2.2')).status).toBe(200);
    });

    test('a batch holds as many operations as it may, and is answered in order', async () => {
      const batch = await post([{ query: me }, { query: '{ nothing }' }], { authorization: authorization() });
      expect(batch.status).toBe(200);
      expect(await batch.json()).toMatchObject([
        { data: { me: { id: world.clinic.jane.userId } } },
        { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
      ]);
      expect(await codeOf(await post([{ query: me }, { query: me }, { query: me }]))).toBe('OPERATION_TOO_LARGE');
      expect(await codeOf(await post([]))).toBe('BAD_REQUEST');
    });

    test('pages of the origins on the list may call', async () => {
      expect(await corsFor('https://app.example.org')).toBe('https://app.example.org');
      expect(await socketOpensFor('https://app.example.org')).toBe(true);
    });

    test.each(transports)('trusted documents are run by their ids over %s, and others still', async (transport) => {
      const data = { me: { id: world.clinic.jane.userId } };
      const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(trusted) } };
      expect((await asJane(transport, { documentId: 'trusted-1' })).data).toEqual(data);
      expect((await asJane(transport, { extensions })).data).toEqual(data);
      expect((await asJane(transport, { query: me })).data).toEqual(data);
    });

    describe('in production, with trusted documents only', () => {
      beforeAll(() =>
        world.shape.restart({ NODE_ENV: 'production', TRUSTED_DOCUMENTS: file, TRUSTED_DOCUMENTS_ONLY: 'true' }),
      );

      test.each(transports)('nothing else is run over %s', async (transport) => {
        expect((await asJane(transport, { documentId: 'trusted-1' })).data.me.id).toBe(world.clinic.jane.userId);
        for (const payload of [{ query: me }, { query: trusted }, { documentId: 'other' }]) {
          expect((await asJane(transport, payload)).errors[0].extensions.code).toBe('DOCUMENT_NOT_TRUSTED');
        }
      });
    });

    describe('in production', () => {
      beforeAll(() => world.shape.restart({ NODE_ENV: 'production' }));

      test.each(transports)('the schema cannot be read over %s, and no field is suggested', async (transport) => {
        const introspection = await asJane(transport, { query: '{ __schema { types { name } } }' });
        expect(introspection.data).toBeUndefined();
        const { errors } = await asJane(transport, { query: '{ mee { id } user(idd: "x") { emial } }' });
        expect(errors.length).toBeGreaterThan(1);
        expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
      });

      test('pages of this machine may not call', async () => {
        expect(await corsFor('http://localhost:3000')).toBeNull();
      });
    });
  });
});
