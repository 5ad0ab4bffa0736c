import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import { registerGraphiql } from './serve-graphiql.ts';

const script = 'console.log("GraphiQL");';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe('GraphiQL is served', () => {
  let folder: string;
  let app: FastifyInstance;
  let port: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'caregraph-graphiql-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    writeFileSync(join(folder, 'assets', 'main-HASH.js'), script);
    writeFileSync(join(folder, 'assets', 'main-HASH.js.gz'), gzipSync(script));
    writeFileSync(join(folder, 'assets', 'font-HASH.ttf'), 'bytes');
    writeFileSync(join(folder, 'assets', 'secret'), 'not to be served');
    app = fastify();
    registerGraphiql(app, { folder });
    port = new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port;
  });

  /** The path goes out as it stands: `fetch` would tidy it up. */
  async function ask(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    const request = get({ host: '127.0.0.1', port, path, headers });
    const [response] = await once(request, 'response');
    const body = Buffer.concat(await response.toArray());
    return { status: response.statusCode, headers: response.headers, body };
  }

  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });

  test('not without a bundle, and says what to do', () => {
    expect(() => registerGraphiql(fastify(), { folder: join(folder, 'assets') })).toThrow('npm run build');
  });

  test.each([
    '../index.html',
    '..%2findex.html',
    '%2e%2e/index.html',
    'secret',
    'main-HASH.js.gz',
    'none.js',
    '__proto__',
    'constructor',
  ])('not what is no asset: %s', async (name) => {
    const answer = await ask(`/graphiql/assets/${name}`);
    expect(answer.status).toBe(404);
  });

  test('from the root by a redirect', async () => {
    const answer = await ask('/');
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe('/graphiql');
  });

  test('as a page that may load from this host only', async () => {
    const answer = await ask('/graphiql');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['content-security-policy']).not.toMatch(/https?:|\*|script-src[^;]*unsafe/);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test('with assets to keep for good, zipped for those who can read it', async () => {
    const plain = await ask('/graphiql/assets/main-HASH.js');
    expect(plain.body.toString()).toBe(script);
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    const zipped = await ask('/graphiql/assets/main-HASH.js', { 'accept-encoding': 'br, gzip' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.body).toString()).toBe(script);
    const refused = await ask('/graphiql/assets/main-HASH.js', { 'accept-encoding': 'gzip;q=0' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    expect((await ask('/graphiql/assets/font-HASH.ttf')).headers['content-type']).toBe('font/ttf');
  });
});
