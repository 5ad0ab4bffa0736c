import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { temporaryFolder } from '../operations/servers/throwaway-process.ts';
import { keepSupergraph } from './kept-supergraph.ts';

let dataDir: string;
let warnings: unknown[];
beforeEach(() => {
  dataDir = temporaryFolder('data');
  warnings = [];
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const kept = (secret = 'a secret of the test, of more than 32 characters', redisUrl?: string) =>
  keepSupergraph({ dataDir, redisUrl, secret, log: { warn: (facts: unknown) => warnings.push(facts) } as never });
const supergraph = { contracts: [{ name: 'users', sdl: 'type Query { me: ID }' }], supergraphSdl: 'schema' };

test('none is no fault', async () => {
  expect(await kept().find()).toBeUndefined();
  expect(warnings).toEqual([]);
});

test.each([
  ['cut off', (text: string) => text.slice(0, -10)],
  ['changed', (text: string) => text.replace('me: ID', 'me: Int')],
  ['empty', () => ''],
  ['something else', () => '{"contracts":[]}'],
])('a file that is %s is ignored with a warning', async (_how, broken) => {
  await kept().keep(supergraph);
  const file = join(dataDir, 'last-supergraph');
  await writeFile(file, broken(await readFile(file, 'utf8')));
  expect(await kept().find()).toBeUndefined();
  expect(warnings).toHaveLength(1);
});

test('one of an installation with another secret is ignored with a warning', async () => {
  await kept('another secret of the test, of more than 32').keep(supergraph);
  expect(await kept().find()).toBeUndefined();
  expect(warnings).toHaveLength(1);
});

test('where it cannot be kept, a warning says so, and what can be kept is', async () => {
  const both = kept(undefined, 'redis://127.0.0.1:1');
  await both.keep(supergraph);
  expect(warnings).toEqual([expect.objectContaining({ place: 'Redis' })]);
  expect(await both.find()).toMatchObject(supergraph);
});

test('the newest is found', async () => {
  await kept().keep(supergraph);
  await kept().keep({ ...supergraph, supergraphSdl: 'newer' });
  expect(await kept().find()).toMatchObject({ ...supergraph, supergraphSdl: 'newer' });
});
