import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { freePort } from '../../operations/servers/throwaway-process.ts';
import { pollUntil } from '../../tests/support/poll-until.ts';
import { systemClock } from '../clock.ts';
import { anonymous } from '../identity/identity.ts';
import { createCallerSigner } from '../identity/signed-caller.ts';
import { createRegistry } from '../metrics/registry.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import type { CallTimes, HttpTransport } from './http-transport.ts';
import { createHttpTransport } from './http-transport.ts';
import { registerServiceMetrics } from './service-metrics.ts';

const signer = createCallerSigner('a secret of the test, of more than 32 characters', systemClock);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A service in a process of its own, which can be halted. A query that says `slow` is never answered. */
const program = `require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    if (!body.includes('slow')) response.setHeader('content-type', 'application/json').end('{"data":{"ok":true}}');
  });
}).listen(Number(process.argv[1]), '127.0.0.1', () => console.log('there'));`;

async function serve(port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', program, `${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  closing.push(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

function connect(port: number, times: Partial<CallTimes>) {
  const lines: string[] = [];
  const note = (_facts: unknown, text: string) => void lines.push(text);
  const transport = createHttpTransport({
    name: 'users',
    url: `http://127.0.0.1:${port}`,
    signer,
    times: { readMilliseconds: 500, writeMilliseconds: 60_000, restartMilliseconds: 10_000, ...times },
    log: { warn: note, info: note } as never,
  });
  closing.push(() => transport.close());
  const registry = createRegistry();
  registerServiceMetrics(registry, new Map([['users', transport]]));
  return { transport, lines, figure: () => registry.getSingleMetricAsString('caregraph_service_cut_off') };
}

const ask = (transport: HttpTransport, query: string) =>
  transport.execute({ query, caller: { identity: anonymous }, requestId: 'test' });
const isCutOff = (transport: HttpTransport, wanted: boolean) =>
  pollUntil(
    async () => transport.isCutOff,
    (now) => now === wanted,
  );
async function duration(work: Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work.catch(() => undefined);
  return performance.now() - since;
}
const unavailable = { code: 'SERVICE_UNAVAILABLE', details: { service: 'users' } };

test('a service that hangs: calls fail at once, those that read and wait too, until it goes on', async () => {
  const port = await freePort();
  const child = await serve(port);
  const { transport, lines, figure } = connect(port, { readMilliseconds: 1_500 });
  expect(await ask(transport, '{ me }')).toEqual({ data: { ok: true } });
  child.kill('SIGSTOP');
  const change = ask(transport, 'mutation { join }');
  await expect(ask(transport, '{ me }')).rejects.toThrow(/timeout/i);
  const waiting = Array.from({ length: 300 }, () => ask(transport, '{ me }'));
  const outcomes = await Promise.allSettled(waiting);
  const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : undefined));
  // There are 64 connections: the others would still have to wait for one.
  expect(reasons.filter((code) => code === 'SERVICE_UNAVAILABLE').length).toBeGreaterThan(150);
  expect(reasons).not.toContain(undefined);
  await isCutOff(transport, true);
  expect(await figure()).toContain('caregraph_service_cut_off{service="users"} 1');
  await expect(ask(transport, '{ me }')).rejects.toMatchObject(unavailable);
  await expect(ask(transport, 'mutation { join }')).rejects.toMatchObject(unavailable);
  expect(await duration(ask(transport, '{ me }'))).toBeLessThan(200);
  child.kill('SIGCONT');
  await isCutOff(transport, false);
  expect(await figure()).toContain('caregraph_service_cut_off{service="users"} 0');
  expect(await ask(transport, '{ me }')).toEqual({ data: { ok: true } });
  // What was under way and changes something was not given up.
  expect(await change).toEqual({ data: { ok: true } });
  expect(lines).toEqual([
    'a service does not answer: what needs it fails at once until it does',
    'a service answers again',
  ]);
});

test('a service that answers, but not to one call in its time, is asked as before', async () => {
  const port = await freePort();
  await serve(port);
  const { transport, lines } = connect(port, {});
  for (let n = 0; n < 5; n += 1) {
    const [slow, quick] = await Promise.allSettled([ask(transport, '{ slow }'), ask(transport, '{ me }')]);
    expect([slow.status, quick.status]).toEqual(['rejected', 'fulfilled']);
    expect(transport.isCutOff).toBe(false);
  }
  expect(lines).toEqual([]);
});

test('a service that is gone for longer than a restart takes, and comes back', async () => {
  const port = await freePort();
  const { transport } = connect(port, { restartMilliseconds: 300 });
  await expect(ask(transport, '{ me }')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await isCutOff(transport, true);
  await expect(ask(transport, '{ me }')).rejects.toMatchObject(unavailable);
  await serve(port);
  await isCutOff(transport, false);
  expect(await ask(transport, '{ me }')).toEqual({ data: { ok: true } });
});

test('a service that is being restarted is waited for, and nothing is refused', async () => {
  const port = await freePort();
  const first = await serve(port);
  const { transport, lines } = connect(port, { readMilliseconds: 5_000 });
  expect(await ask(transport, '{ me }')).toEqual({ data: { ok: true } });
  first.kill('SIGKILL');
  await once(first, 'exit');
  const asked = Promise.all(Array.from({ length: 20 }, () => ask(transport, '{ me }')));
  await serve(port);
  expect(await asked).toHaveLength(20);
  expect(lines).toEqual([]);
});

test('one question at a time finds out whether the service is back', async () => {
  let [running, most, asked] = [0, 0, 0];
  const breaker = createCircuitBreaker({
    service: 'users',
    probeMilliseconds: 1,
    probe: async () => {
      running += 1;
      most = Math.max(most, running);
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      if (asked < 10) throw new Error('no answer');
    },
  });
  closing.push(() => breaker.close());
  const send = () => Promise.reject(Object.assign(new Error('late'), { code: 'UND_ERR_HEADERS_TIMEOUT' }));
  await Promise.allSettled(Array.from({ length: 20 }, () => breaker.call({ reads: true }, send)));
  await pollUntil(
    async () => asked >= 10 && !breaker.isOpen,
    (isBack) => isBack,
  );
  expect(most).toBe(1);
});
