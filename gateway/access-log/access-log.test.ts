// Entries on their way to the service that keeps them, while it is away for a moment, for long, or for good.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { AccessEntry } from '../../platform/access-log/access-entry.ts';
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';
import { type AccessLog, startAccessLog } from './access-log.ts';
import { withoutSecrets } from './record-requests.ts';

let dataDir: string;
let stored: string[];
let isAway: boolean;
let said: string[];
let registry: Registry;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'caregraph-access-log-'));
  [stored, isAway, said, registry] = [[], false, [], new Registry()];
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const services: ServiceClient = {
  has: () => true,
  async call(_service, { variables }) {
    if (isAway) throw new Error('the service is away');
    const { entries } = variables as { entries: AccessEntry[] };
    for (const { id } of entries) stored.push(id);
    return undefined as never;
  },
};
const start = (mostWaiting = 100): AccessLog => {
  registry = new Registry();
  const say = (_facts: unknown, text?: string) => said.push(text ?? '');
  return startAccessLog({ services, registry, dataDir, log: { warn: say, error: say } as never, mostWaiting });
};
const entry = (id: string): AccessEntry => ({ id }) as AccessEntry;
const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);
const until = async (isSo: () => boolean) => {
  for (const deadline = Date.now() + 30_000; !isSo(); await pause(20)) {
    if (Date.now() > deadline) throw new Error(`it did not come to this: ${JSON.stringify({ stored, said })}`);
  }
};

test('go together, in order', async () => {
  const log = start();
  for (const id of ids(1, 30)) log.record(entry(id));
  expect(stored).toEqual([]);
  await until(() => stored.length === 30);
  expect(stored).toEqual(ids(1, 30));
  await log.close();
});

test('wait while the service is away, and it is said once', async () => {
  isAway = true;
  const log = start();
  log.record(entry('1'));
  await until(() => said.length > 0);
  log.record(entry('2'));
  expect(await registry.getSingleMetricAsString('caregraph_access_log_waiting')).toMatch(/ 2$/);
  isAway = false;
  await until(() => stored.length === 2);
  expect([stored, said]).toEqual([['1', '2'], ['the access log cannot be written; trying again']]);
  await log.close();
});

test('are bounded: the oldest are lost, which is counted and said', async () => {
  isAway = true;
  const log = start(20);
  for (const id of ids(1, 21)) log.record(entry(id));
  expect(said).toEqual(['entries of the access log are lost: too many wait for their service']);
  expect(await registry.getSingleMetricAsString('caregraph_access_log_dropped_total')).toMatch(/ 2$/);
  isAway = false;
  await log.close();
  expect(stored).toEqual(ids(3, 21));
});

test('are handed in before the end, and kept for the next start where that cannot be', async () => {
  const log = start();
  log.record(entry('1'));
  await log.close();
  expect([stored, readdirSync(dataDir)]).toEqual([['1'], []]);

  isAway = true;
  const other = start();
  for (const id of ids(2, 4)) other.record(entry(id));
  await other.close();
  expect(readdirSync(dataDir)).toEqual([expect.stringMatching(/^access-log-waiting-.*\.json$/)]);

  // Still away, it stays; then it goes, and is forgotten.
  await start().close();
  expect(readdirSync(dataDir)).toHaveLength(1);
  isAway = false;
  const last = start();
  await until(() => stored.length === 4 && readdirSync(dataDir).length === 0);
  expect(stored).toEqual(ids(1, 4));
  await last.close();
});

test.each([
  ['/graphql', '/graphql'],
  ['/graphql?query={me{id}}&variables={}', '/graphql?query=…&variables=…'],
  ['/files/tokens/abc-def', '/files/tokens/…'],
  ['/files/tokens/abc-def?width=10', '/files/tokens/…?width=…'],
  ['/files/uploads/abc', '/files/uploads/…'],
  ['/files/0190?grant=ey.J&grant=2', '/files/0190?grant=…'],
  ['/oauth2/authorize?client_id=1&state=x?y=z', '/oauth2/authorize?client_id=…&state=…'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutSecrets(url)).toBe(shown);
});
