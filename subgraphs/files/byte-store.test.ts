// The contract of every store of bytes, run against each of them, and what each promises beyond it.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type S3Server, startS3 } from '../../operations/servers/s3.ts';
import type { ByteStore } from './byte-store.ts';
import { MissingBytes } from './byte-store.ts';
import { createDiskStore } from './disk-store.ts';
import { createS3Store } from './s3-store.ts';

type Credentials = Record<'accessKeyId' | 'secretAccessKey', string>;

interface StoreUnderTest {
  readonly store: ByteStore;
  /** Everything that the store holds, whole or not. */
  contents(): Promise<string[]>;
  stop(): Promise<void>;
}

const megabyte = 1024 * 1024;

async function onDisk(): Promise<StoreUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'caregraph-bytes-'));
  return {
    store: createDiskStore(folder),
    contents: () => filesIn(folder),
    stop: () => rm(folder, { recursive: true }),
  };
}

async function onS3(): Promise<StoreUnderTest & { readonly server: S3Server }> {
  const server = await startS3();
  const store = createS3Store(server.config, 1024 * megabyte);
  return {
    server,
    store,
    contents: () => server.keys(),
    async stop() {
      store.close();
      await server.stop();
    },
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function chunksOf(bytes: Buffer, size = 64 * 1024): Readable {
  return Readable.from(
    (function* () {
      for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
    })(),
    { objectMode: false },
  );
}

/** Gives these bytes, then fails. */
function failingAfter(bytes: Buffer, error: Error): Readable {
  return Readable.from(
    (async function* () {
      yield* chunksOf(bytes);
      throw error;
    })(),
    { objectMode: false },
  );
}

describe.each([
  { name: 'disk', start: onDisk },
  { name: 'S3', start: onS3 },
])('a byte store on $name', ({ start }) => {
  let tested: StoreUnderTest;
  let store: ByteStore;
  beforeAll(async () => {
    tested = await start();
    store = tested.store;
  });
  afterAll(() => tested.stop());

  test.each([
    ['at once', 0],
    ['after some bytes', 300_000],
    ['after more than one part', 12 * megabyte],
  ])('keeps nothing of a stream that fails %s', async (_when, size) => {
    const before = await tested.contents();
    const error = new Error('cut off');
    await expect(store.put(randomUUID(), failingAfter(randomBytes(size), error))).rejects.toBe(error);
    expect(await tested.contents()).toEqual(before);
  });

  test('rejects a read under a key without bytes', async () => {
    await expect(store.get(randomUUID())).rejects.toThrow(MissingBytes);
    expect(await store.size(randomUUID())).toBeUndefined();
  });

  test('takes a deletion of nothing for done', async () => {
    await expect(store.delete(randomUUID())).resolves.toBeUndefined();
  });

  test.each([
    ['no bytes', 0],
    ['a byte', 1],
    ['bytes that come in many chunks', 1_000_003],
    ['bytes for several parts', 12 * megabyte + 7],
  ])('gives back %s', async (_what, size) => {
    const bytes = randomBytes(size);
    const key = randomUUID();
    await store.put(key, chunksOf(bytes));
    expect(await store.size(key)).toBe(size);
    expect((await buffer(await store.get(key))).equals(bytes)).toBe(true);
  });

  test.each([
    [0, 9],
    [0, 99_999],
    [65_535, 65_536],
    [99_999, 99_999],
  ])('gives back the bytes from %i to %i', async (start, end) => {
    const bytes = randomBytes(100_000);
    const key = randomUUID();
    await store.put(key, chunksOf(bytes));
    expect((await buffer(await store.get(key, { start, end }))).equals(bytes.subarray(start, end + 1))).toBe(true);
  });

  test.each([
    [90_000, 200_000, 10_000],
    [99_999, 100_000, 1],
    [100_000, 100_000, 0],
    [150_000, 200_000, 0],
  ])('leaves out what of the bytes from %i to %i lies beyond the end', async (start, end, length) => {
    const bytes = randomBytes(100_000);
    const key = randomUUID();
    await store.put(key, chunksOf(bytes));
    const got = await buffer(await store.get(key, { start, end }));
    expect(got.equals(bytes.subarray(start))).toBe(true);
    expect(got).toHaveLength(length);
  });

  test('keeps one whole object of several that are put under one key at the same time', async () => {
    const key = randomUUID();
    const all = [1, 2, 3].map((fill) => Buffer.alloc(200_000, fill));
    await Promise.all(all.map((bytes) => store.put(key, chunksOf(bytes))));
    const got = await buffer(await store.get(key));
    expect(all.some((bytes) => bytes.equals(got))).toBe(true);
  });

  test('lists all that it keeps, with the moment from which on it did', async () => {
    const begin = Date.now();
    const keys = [randomUUID(), randomUUID(), randomUUID()];
    for (const key of keys) await store.put(key, chunksOf(randomBytes(10)));
    const listed = new Map<string, Date>();
    for await (const page of store.list()) for (const { key, storedAt } of page) listed.set(key, storedAt);
    expect([...listed.keys()].sort()).toEqual((await tested.contents()).map((path) => path.slice(-36)).sort());
    for (const key of keys) {
      // S3 tells whole seconds.
      expect(listed.get(key)?.getTime()).toBeGreaterThanOrEqual(begin - 1_000);
      expect(listed.get(key)?.getTime()).toBeLessThanOrEqual(Date.now());
    }
  });

  test('lets a reader stop early, and serves on', async () => {
    const key = randomUUID();
    await store.put(key, chunksOf(randomBytes(2 * megabyte)));
    for (let round = 0; round < 300; round++) (await store.get(key)).destroy();
    expect((await buffer(await store.get(key))).length).toBe(2 * megabyte);
  });

  test('forgets what was deleted', async () => {
    const key = randomUUID();
    await store.put(key, chunksOf(randomBytes(1000)));
    await store.delete(key);
    await expect(store.get(key)).rejects.toThrow(MissingBytes);
  });

  test('answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });
});

describe('the disk store', () => {
  test('refuses keys that could be paths', async () => {
    const { store, stop } = await onDisk();
    await expect(store.get('../../../etc/passwd')).rejects.toThrow('keys of stored bytes are ids');
    await expect(store.put('a/../../b.txt', chunksOf(randomBytes(1)))).rejects.toThrow('keys of stored bytes are ids');
    await stop();
  });

  test('removes what a crash left half written long ago, and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'caregraph-bytes-'));
    const store = createDiskStore(folder);
    const whole = randomUUID();
    await store.put(whole, chunksOf(randomBytes(10)));
    const [old, recent] = [randomUUID(), randomUUID()];
    for (const key of [old, recent]) await writeFile(join(folder, 'incoming', key), 'half');
    await utimes(join(folder, 'incoming', old), new Date(0), new Date(0));
    await store.removeLeftovers(new Date(Date.now() - 60_000));
    expect((await filesIn(folder)).sort()).toEqual([whole, recent].sort());
    await rm(folder, { recursive: true });
  });
});

describe('the S3 store', () => {
  test('removes what a crash left half uploaded before the moment, and nothing else', async () => {
    const { store, server, stop } = await onS3();
    const whole = randomUUID();
    await store.put(whole, chunksOf(randomBytes(10)));
    const client = new S3Client({ ...server.config, credentials: server.config as Credentials, forcePathStyle: true });
    for (const name of ['files/one', 'files/two', 'files/three']) {
      await client.send(new CreateMultipartUploadCommand({ Bucket: server.config.bucket, Key: name }));
    }
    client.destroy();
    await store.removeLeftovers(new Date(Date.now() - 60_000));
    expect(server.unfinishedUploads()).toHaveLength(3);
    await store.removeLeftovers(new Date(Date.now() + 60_000));
    expect(server.unfinishedUploads()).toEqual([]);
    expect(await server.keys()).toEqual([`files/${whole}`]);
    await stop();
  });

  test('asks the server to drop the parts of a failed upload', async () => {
    const { store, server, stop } = await onS3();
    const key = randomUUID();
    await expect(store.put(key, failingAfter(randomBytes(12 * megabyte), new Error('cut off')))).rejects.toThrow(
      'cut off',
    );
    const aborts = server.requests().filter((line) => line.startsWith('DELETE') && line.includes('uploadId='));
    expect(aborts).toHaveLength(1);
    expect(aborts[0]).toContain(key);
    expect(server.unfinishedUploads()).toEqual([]);
    await stop();
  });

  test('fails, and does not hang, when the server goes away in the middle', async () => {
    const { store, server, stop } = await onS3();
    const bytes = Readable.from(
      (async function* () {
        yield* chunksOf(randomBytes(11 * megabyte));
        await server.crash();
        yield* chunksOf(randomBytes(11 * megabyte));
      })(),
      { objectMode: false },
    );
    await expect(store.put(randomUUID(), bytes)).rejects.toThrow();
    await expect(store.get(randomUUID())).rejects.not.toThrow(MissingBytes);
    await expect(store.ping()).rejects.toThrow();
    await stop();
  });

  test('is refused with wrong credentials', async () => {
    const { server, stop } = await onS3();
    const stranger = createS3Store({ ...server.config, secretAccessKey: 'a guess' }, megabyte);
    await expect(stranger.put(randomUUID(), chunksOf(randomBytes(10)))).rejects.toThrow();
    expect(await server.keys()).toEqual([]);
    stranger.close();
    await stop();
  });
});
