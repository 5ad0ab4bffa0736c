import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../operations/servers/throwaway-process.ts';
import { systemClock } from '../clock.ts';
import { anonymous } from '../identity/identity.ts';
import { createCallerSigner } from '../identity/signed-caller.ts';
import type { HttpTransport } from './http-transport.ts';
import { createHttpTransport } from './http-transport.ts';
import { createServiceCalls } from './lost-calls.ts';

const signer = createCallerSigner('a secret of the test, of more than 32 characters', systemClock);

const staying = { isLeaving: () => false, ask: async () => undefined };

describe('a call to a service in another process', () => {
  let close = async () => {};
  afterEach(() => close());

  /** A service whose first connections are cut off after the request has been read. */
  async function listen(port: number, cut: number) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => {
        body += part.toString();
      });
      request.on('end', () => {
        asked.push(JSON.parse(body).query);
        if (asked.length <= cut) request.socket.destroy();
        else response.setHeader('content-type', 'application/json').end('{"data":{"ok":true}}');
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
  const ask = (transport: HttpTransport, query: string, signal?: AbortSignal) =>
    transport.execute({ query, caller: { identity: anonymous }, requestId: 'test', signal });

  test('that was cut off is not made again when it changes something', async () => {
    const { asked, url } = await listen(0, 1);
    const transport = createHttpTransport({ name: 'users', url, signer });
    await expect(ask(transport, 'mutation { leave }')).rejects.toThrow();
    expect(asked).toEqual(['mutation { leave }']);
    await transport.close();
  });

  test('that was cut off twice fails', async () => {
    const { asked, url } = await listen(0, 2);
    const transport = createHttpTransport({ name: 'users', url, signer });
    await expect(ask(transport, '{ me }')).rejects.toThrow();
    expect(asked).toHaveLength(2);
    await transport.close();
  });

  test('that was cut off is made once more when it only reads', async () => {
    const { asked, url } = await listen(0, 1);
    const transport = createHttpTransport({ name: 'users', url, signer });
    expect(await ask(transport, 'query Me { me }')).toEqual({ data: { ok: true } });
    expect(asked).toHaveLength(2);
    await transport.close();
  });

  test('fails at once when the service has been away for longer than a restart takes', async () => {
    const calls = createServiceCalls({ restartMilliseconds: 0, ...staying });
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    let sent = 0;
    const send = async () => {
      sent += 1;
      throw refused;
    };
    await expect(calls.call({ reads: true, send })).rejects.toBe(refused);
    const before = sent;
    await expect(calls.call({ reads: true, send })).rejects.toBe(refused);
    expect(sent).toBe(before + 1);
  });

  test('ends with its reader, also while the service is waited for', async () => {
    const calls = createServiceCalls({ restartMilliseconds: Number.POSITIVE_INFINITY, ...staying });
    const gone = new AbortController();
    const send = async () => {
      setTimeout(() => gone.abort(), 20);
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    };
    await expect(calls.call({ reads: true, signal: gone.signal, send })).rejects.toThrow(/abort/i);
  });

  test('fails when the answer takes too long', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const times = { readMilliseconds: 1_000, writeMilliseconds: 60_000, restartMilliseconds: 10_000 };
    const transport = createHttpTransport({ name: 'users', url, signer, times });
    await expect(ask(transport, '{ me }')).rejects.toThrow(/timeout/i);
    void transport.close();
  });

  test('waits for a service that is being restarted, and is made once when it is there', async () => {
    const port = await freePort();
    const transport = createHttpTransport({ name: 'users', url: `http://127.0.0.1:${port}`, signer });
    const asking = ask(transport, 'mutation { join }');
    const { asked } = await listen(port, 0);
    expect(await asking).toEqual({ data: { ok: true } });
    expect(asked).toEqual(['mutation { join }']);
    await transport.close();
  });

  test('that changes something is not sent to a process that is leaving, but to the one in its place', async () => {
    const asked: string[] = [];
    const serve = async (port: number, leaving: boolean) => {
      const server = createServer((request, response) => {
        asked.push(`${leaving ? 'old' : 'new'} ${request.method}`);
        if (leaving) response.setHeader('connection', 'close');
        response.setHeader('content-type', 'application/json').end('{"data":{"ok":true}}');
      });
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return {
        port: (server.address() as AddressInfo).port,
        end: () => new Promise((resolve) => server.close(resolve)),
      };
    };
    const old = await serve(0, true);
    const transport = createHttpTransport({ name: 'users', url: `http://127.0.0.1:${old.port}`, signer });
    await ask(transport, '{ me }');
    const changing = ask(transport, 'mutation { join }');
    expect(await ask(transport, '{ me }')).toEqual({ data: { ok: true } });
    await old.end();
    const next = await serve(old.port, false);
    expect(await changing).toEqual({ data: { ok: true } });
    expect(asked.filter((one) => one.endsWith('POST'))).toEqual(['old POST', 'old POST', 'new POST']);
    await transport.close();
    await next.end();
  });
});
