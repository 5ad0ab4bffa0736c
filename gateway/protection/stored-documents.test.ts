// Texts that are stored: sent once and named by their hash, or listed by the build of an application.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RedisServer } from '../../operations/servers/redis.ts';
import { startRedis } from '../../operations/servers/redis.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { pollUntil } from '../../tests/support/poll-until.ts';
import { recordingLog } from '../../tests/support/recording-log.ts';
import { createPersistedQueries, sha256 } from './persisted-queries.ts';
import { createFindText } from './stored-documents.ts';
import { startTrustedDocuments } from './trusted-documents.ts';

const text = '{ me { id } }';
const hash = sha256(text);
const byHash = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});

describe('automatic persisted queries', () => {
  const finder = () => createFindText({ persisted: createPersistedQueries(), trusted: undefined, trustedOnly: false });

  test.each([
    ['no text at all', {}, 'BAD_REQUEST'],
    ['a hash that is not known', byHash(hash), 'PERSISTED_QUERY_NOT_FOUND'],
    ['an id that is not known', { documentId: 'x' }, 'PERSISTED_QUERY_NOT_FOUND'],
    ['a hash of another text', { query: '{ you }', ...byHash(hash) }, 'BAD_REQUEST'],
    ['a hash in another form', { query: text, ...byHash(hash.toUpperCase()) }, 'BAD_REQUEST'],
    ['another version', { query: text, ...byHash(hash, 2) }, 'BAD_REQUEST'],
    ['no hash', { query: text, extensions: { persistedQuery: true } }, 'BAD_REQUEST'],
  ])('%s is refused', async (_what, request, code) => {
    await expect(finder()(request)).rejects.toMatchObject({ code });
  });

  test('a text is known by its hash from when it was kept on, and not before', async () => {
    const findText = finder();
    const sent = await findText({ query: text, ...byHash(hash) });
    await expect(findText(byHash(hash))).rejects.toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    sent.keep();
    expect((await findText(byHash(hash))).text).toBe(text);
    expect((await findText({ documentId: `sha256:${hash}` })).text).toBe(text);
  });

  test('memory is bounded: the number of texts, and their length', async () => {
    const persisted = createPersistedQueries();
    const texts = Array.from({ length: 600 }, (_, i) => `{ a${i} }`);
    for (const one of texts) persisted.keep(sha256(one), one);
    expect(await persisted.find(sha256(texts[0] ?? ''))).toBeUndefined();
    expect(await persisted.find(sha256(texts[599] ?? ''))).toBe(texts[599]);
    const long = `{ a ${' '.repeat(70_000)} }`;
    persisted.keep(sha256(long), long);
    expect(await persisted.find(sha256(long))).toBeUndefined();
  });
});

describeOnServers('automatic persisted queries with Redis', ['redis'], () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test('are known to all gateways, in a bounded number of places, and never given out for another hash', async () => {
    const [one, other] = [createPersistedQueries(redis), createPersistedQueries(redis)];
    one.keep(hash, text);
    expect(await pollUntil(() => other.find(hash), Boolean)).toBe(text);
    const [key = ''] = await redis.keys('caregraph:persisted-query:*');
    await redis.set(key, '{ forged }');
    expect(await createPersistedQueries(redis).find(hash)).toBeUndefined();
    for (let i = 0; i < 5_000; i += 1) one.keep(sha256(`{ a${i} }`), `{ a${i} }`);
    await redis.ping();
    expect((await redis.keys('caregraph:persisted-query:*')).length).toBeLessThanOrEqual(2_048);
  });
});

describe('trusted documents', () => {
  let folder: string;
  const log = recordingLog();
  const write = async (name: string, json: unknown): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, typeof json === 'string' ? json : JSON.stringify(json));
    return file;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trusted-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const apollo = (id: string, body: string) => ({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id, name: 'Me', type: 'query', body }],
  });

  test.each([
    ['that is not there', undefined],
    ['that is not JSON', '{'],
    ['of another format', { format: 'other', version: 1, operations: [] }],
    ['of another version', { ...apollo('a', text), version: 2 }],
    ['whose texts are none', { a: 1 }],
  ])('a file %s is refused at the start', async (_what, json) => {
    const file = json === undefined ? join(folder, 'nowhere') : await write('bad.json', json);
    await expect(startTrustedDocuments({ file, log })).rejects.toThrow(/TRUSTED_DOCUMENTS/);
  });

  test.each([
    ["Apollo's manifest", apollo('an-id', text)],
    ["Relay's map", { 'an-id': text }],
  ])('%s names texts by id and by hash, and with nothing else allowed nothing else is', async (_what, json) => {
    const trusted = await startTrustedDocuments({ file: await write('good.json', json), log });
    const findText = createFindText({ persisted: createPersistedQueries(), trusted, trustedOnly: true });
    for (const request of [{ documentId: 'an-id' }, { id: 'an-id' }, byHash(hash), { query: text, ...byHash(hash) }]) {
      expect(await findText(request)).toMatchObject({ text, isTrusted: true });
    }
    const other = '{ other }';
    for (const request of [
      { query: text },
      { query: other },
      { query: other, documentId: 'an-id' },
      { query: other, ...byHash(sha256(other)) },
      byHash(sha256(other)),
      { documentId: 'another' },
      {},
    ]) {
      await expect(findText(request)).rejects.toMatchObject({ code: 'DOCUMENT_NOT_TRUSTED' });
    }
    trusted.close();
  });

  test('are read again when the file changes; what cannot be read changes nothing', async () => {
    const file = await write('changing.json', { first: text });
    const trusted = await startTrustedDocuments({ file, log, interval: 20 });
    await write('changing.json', { second: text });
    expect(await pollUntil(async () => trusted.find('second'), Boolean)).toBe(text);
    expect(trusted.find('first')).toBeUndefined();
    await write('changing.json', '{ "third": ');
    await pollUntil(async () => log.lines.some(({ level }) => level === 'warn'), Boolean);
    expect(trusted.find('second')).toBe(text);
    trusted.close();
  });
});
