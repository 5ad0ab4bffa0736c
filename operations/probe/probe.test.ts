// The probe against real installations, well and unwell, as an operator runs it.
import { execFile } from 'node:child_process';
import { createServer, request as openRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { projectFolder } from '../../platform/project-folder.ts';
import { mutations } from '../../tests/support/clinic.ts';
import { signIn } from '../../tests/support/graphql-client.ts';
import { type Shape, startAllInOne } from '../../tests/support/shapes.ts';
import { freePort } from '../servers/throwaway-process.ts';
import type { ProbeReport } from './run-probe.ts';

interface Answer {
  readonly code: number;
  readonly lines: readonly string[];
  /** The last line. */
  readonly report: ProbeReport;
  readonly faults: string;
}

interface SignIn {
  readonly email: string;
  readonly password: string;
}

function probe(args: readonly string[], signInAs?: SignIn): Promise<Answer> {
  const script = join(projectFolder(), 'dist/operations/probe/main.js');
  const env = signInAs === undefined ? {} : { PROBE_EMAIL: signInAs.email, PROBE_PASSWORD: signInAs.password };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, faults) => {
      const lines = stdout.trim().split('\n');
      const last = lines.at(-1) ?? '';
      const report = last.startsWith('{') ? JSON.parse(last) : {};
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, lines, report, faults });
    });
  });
}

// Each probe is a process of its own.
jest.setTimeout(300_000);

const steps = ['ready', 'sign in', 'schema', 'connect', 'write', 'event', 'clean up'];

describe('the probe', () => {
  let shape: Shape;
  const ann = { email: 'ann@example.org', password: 'Correct-Horse-2' };
  beforeAll(async () => {
    shape = await startAllInOne();
    const client = await signIn(shape.url, shape.admin.email, shape.admin.password);
    await client.run(mutations.createUser, { input: { ...ann, firstName: 'Ann', lastName: 'Other' } });
  }, 300_000);
  afterAll(() => shape?.close(), 300_000);

  const documentsLeft = async () => {
    const client = await signIn(shape.url, shape.admin.email, shape.admin.password);
    return (await client.run('{ documents(schemaName: "caregraph-probe") { totalCount } }')).documents.totalCount;
  };

  test('says how it is used', async () => {
    for (const args of [
      [],
      ['example.org'],
      ['https://a.example', 'https://b.example'],
      ['http://a.example', '--timeout', '0'],
    ]) {
      expect(await probe(args, ann)).toMatchObject({
        code: 1,
        faults: expect.stringContaining('Usage: npm run probe'),
      });
    }
    expect(await probe([shape.url])).toMatchObject({ code: 1, faults: expect.stringContaining('Nobody is named') });
  });

  test('says that nothing listens there', async () => {
    const answer = await probe([`http://127.0.0.1:${await freePort()}`], ann);
    expect(answer).toMatchObject({ code: 1, report: { ok: false, failure: { step: 'ready' } } });
    expect(answer.report.failure?.what).toMatch(/^Nothing listens there: .* \(ECONNREFUSED\)$/);
    expect(answer.lines.join('\n')).toContain('Look at: whether the gateway, or the proxy in front of it, runs');
  });

  test('says that there is no TLS, and no GraphQL', async () => {
    const tls = await probe([shape.url.replace('http', 'https')], ann);
    expect(tls.report.failure?.what).toContain('That is no TLS');
    const elsewhere = await probe([`${shape.url}/elsewhere`], ann);
    expect(elsewhere.report.failure).toMatchObject({ step: 'sign in', what: expect.stringContaining('no GraphQL') });
  });

  test('says that the password is wrong, and never what it is', async () => {
    const answer = await probe([shape.url], { ...shape.admin, password: 'Wrong-Horse-1' });
    expect(answer).toMatchObject({ code: 1, report: { failure: { step: 'sign in' } } });
    expect(answer.report.failure?.what).toContain('INVALID_CREDENTIALS');
    expect(answer.lines.join('\n')).not.toContain('Wrong-Horse-1');
  });

  test('an account without rights is told who must probe first; from then on it gets through, and leaves nothing', async () => {
    const first = await probe([shape.url], ann);
    expect(first.report.failure).toMatchObject({ step: 'schema', lookAt: expect.stringContaining('CREATE_SCHEMAS') });
    for (const account of [shape.admin, ann]) {
      const answer = await probe([shape.url], account);
      expect(answer).toMatchObject({ code: 0, report: { ok: true } });
      expect(answer.report.steps.map(({ name }) => name)).toEqual(steps);
      expect(answer.lines).toHaveLength(steps.length + 1);
      for (const line of answer.lines.slice(0, -1)) expect(line).toMatch(/^[a-z ]+ +\d+\.\d ms$/);
    }
    expect(await documentsLeft()).toBe(0);
  });

  test('prints one line of JSON alone when asked to', async () => {
    const { code, lines, report } = await probe([`${shape.url}/graphql`, '--json'], shape.admin);
    expect([code, lines.length, report.ok, report.url]).toEqual([0, 1, true, shape.url]);
  });

  describe('behind a proxy', () => {
    /** Hands on what is below /api, and upgrades too where it is told to. */
    async function behindProxy<T>(passesUpgrades: boolean, use: (url: string) => Promise<T>): Promise<T> {
      const target = new URL(shape.url);
      const proxy = createServer((request, response) => {
        const path = request.url?.replace(/^\/api/, '');
        // As proxies do: what concerns one connection alone is not handed on.
        const { connection: _connection, upgrade: _upgrade, ...headers } = request.headers;
        const { method } = request;
        const upstream = openRequest({ host: target.hostname, port: target.port, path, method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        request.pipe(upstream);
      });
      if (passesUpgrades) {
        proxy.on('upgrade', (request, socket) => {
          const path = request.url?.replace(/^\/api/, '');
          const upstream = openRequest({
            host: target.hostname,
            port: target.port,
            path,
            headers: request.headers,
          }).end();
          upstream.on('upgrade', (answer, gateway) => {
            const lines = answer.rawHeaders.flatMap((name, at) =>
              at % 2 === 0 ? [`${name}: ${answer.rawHeaders[at + 1]}`] : [],
            );
            socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
            gateway.pipe(socket).pipe(gateway);
          });
        });
      }
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      try {
        return await use(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api/`);
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    }

    test('gets through under a path', async () => {
      const { code, report } = await behindProxy(true, (url) => probe([url], shape.admin));
      expect([code, report.ok]).toEqual([0, true]);
    });

    test('says that WebSockets do not pass', async () => {
      const { code, report } = await behindProxy(false, (url) => probe([url, '--timeout', '60'], shape.admin));
      expect(code).toBe(1);
      expect(report.failure).toMatchObject({ step: 'connect' });
      expect(report.failure?.lookAt).toContain('WebSocket');
    });
  });
});
