// What went into the encrypted store comes out, whole or in part; what was damaged there in any way does not.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startS3 } from '../../operations/servers/s3.ts';
import { type ByteStore, MissingBytes } from './byte-store.ts';
import { DamagedBytes } from './damaged-bytes.ts';
import { createDiskStore } from './disk-store.ts';
import { createEncryptedStore, type EncryptedStore, type StoredBytes } from './encrypted-store.ts';
import { createS3Store } from './s3-store.ts';

const chunk = 64 * 1024;
const overhead = 28;
const storedChunk = chunk + overhead;
const head = 8;
const key = randomBytes(32);

async function onDisk() {
  const folder = await mkdtemp(join(tmpdir(), 'caregraph-encrypted-'));
  return { bytes: createDiskStore(folder), stop: () => rm(folder, { recursive: true }) };
}

async function onS3() {
  const server = await startS3();
  const bytes = createS3Store(server.config, 1024 * 1024 * 1024);
  const stop = async () => {
    bytes.close();
    await server.stop();
  };
  return { bytes, stop };
}

/** What came before the end or the error. */
async function read(store: EncryptedStore, storeKey: string, stored: StoredBytes) {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of await store.get(storeKey, stored)) pieces.push(piece);
    return { got: Buffer.concat(pieces) };
  } catch (error) {
    return { got: Buffer.concat(pieces), error };
  }
}

describe.each([
  { name: 'disk', start: onDisk },
  { name: 'S3', start: onS3 },
])('an encrypted store on $name', ({ start }) => {
  let bytes: ByteStore;
  let store: EncryptedStore;
  let stop: () => Promise<unknown>;
  beforeAll(async () => {
    ({ bytes, stop } = await start());
    store = createEncryptedStore(bytes);
  });
  afterAll(() => stop());

  async function stored(plain: Buffer, ofKey = key): Promise<string> {
    const storeKey = randomUUID();
    await store.put(storeKey, Readable.from([plain], { objectMode: false }), ofKey);
    return storeKey;
  }

  const raw = async (storeKey: string) => buffer(await bytes.get(storeKey));
  const overwrite = (storeKey: string, object: Uint8Array) =>
    bytes.put(storeKey, Readable.from([object], { objectMode: false }));

  /** Three chunks of which the last is not full. */
  const size = 2 * chunk + 1000;
  const plain = randomBytes(size);
  const cutAt = (object: Buffer, start: number, end = start) =>
    Buffer.concat([object.subarray(0, start), object.subarray(end)]);
  const flippedAt = (object: Buffer, place: number) => {
    const changed = Buffer.from(object);
    changed.writeUInt8((object.at(place) ?? 0) ^ 1, place);
    return changed;
  };

  test.each<[string, number, (object: Buffer) => Buffer]>([
    ['a bit of the beginning', 0, (object) => flippedAt(object, 3)],
    ['a bit of the first nonce', 0, (object) => flippedAt(object, head + 5)],
    ['a bit of the first ciphertext', 0, (object) => flippedAt(object, head + 12)],
    ['a bit of the first tag', 0, (object) => flippedAt(object, head + storedChunk - 1)],
    ['a bit of the second nonce', 1, (object) => flippedAt(object, head + storedChunk)],
    ['a bit of the second ciphertext', 1, (object) => flippedAt(object, head + storedChunk + 5000)],
    ['a bit of the second tag', 1, (object) => flippedAt(object, head + 2 * storedChunk - 3)],
    ['a bit of the last tag', 2, (object) => flippedAt(object, object.length - 1)],
    [
      'the order of two chunks',
      0,
      (object) =>
        Buffer.concat([
          object.subarray(0, head),
          object.subarray(head + storedChunk, head + 2 * storedChunk),
          object.subarray(head, head + storedChunk),
          object.subarray(head + 2 * storedChunk),
        ]),
    ],
    ['a chunk that is gone', 0, (object) => cutAt(object, head, head + storedChunk)],
    ['a chunk in the middle that is gone', 1, (object) => cutAt(object, head + storedChunk, head + 2 * storedChunk)],
    ['the last byte that is gone', 2, (object) => object.subarray(0, -1)],
    ['the whole last chunk that is gone', 2, (object) => object.subarray(0, head + 2 * storedChunk)],
    ['everything after the first bytes that is gone', 0, (object) => object.subarray(0, head)],
    ['all but a byte that is gone', 0, (object) => object.subarray(0, 1)],
    ['a byte that was added', 2, (object) => Buffer.concat([object, Buffer.of(0)])],
    ['a whole chunk that was added', 2, (object) => Buffer.concat([object, object.subarray(head, head + storedChunk)])],
  ])('refuses %s, and gives only the chunks before it', async (_what, whole, damage) => {
    const storeKey = await stored(plain);
    await overwrite(storeKey, damage(await raw(storeKey)));
    const { got, error } = await read(store, storeKey, { key, size });
    if (!(error instanceof DamagedBytes)) expect(error).toBeInstanceOf(DamagedBytes);
    expect(got.equals(plain.subarray(0, whole * chunk))).toBe(true);
  });

  test('refuses a first chunk that is damaged before there is a stream', async () => {
    const storeKey = await stored(plain);
    await overwrite(storeKey, flippedAt(await raw(storeKey), head + 50));
    await expect(store.get(storeKey, { key, size })).rejects.toThrow(DamagedBytes);
    await overwrite(storeKey, Buffer.alloc(0));
    const range = { start: chunk + 5, end: chunk + 6 };
    await expect(store.get(storeKey, { key, size, range })).rejects.toThrow(DamagedBytes);
  });

  test('refuses an object in the place of another one, of the same file and of another', async () => {
    const [storeKey, other] = [await stored(plain), await stored(randomBytes(size))];
    const [own, ofAnotherFile] = [await raw(storeKey), await raw(await stored(plain, randomBytes(32)))];
    for (const object of [await raw(other), ofAnotherFile]) {
      await overwrite(storeKey, object);
      expect(await read(store, storeKey, { key, size })).toEqual({
        got: Buffer.alloc(0),
        error: expect.any(DamagedBytes),
      });
    }
    // One chunk of it is no better.
    const chunkOf = (object: Buffer) => object.subarray(head + storedChunk, head + 2 * storedChunk);
    const mixed = Buffer.concat([
      own.subarray(0, head + storedChunk),
      chunkOf(await raw(other)),
      own.subarray(head + 2 * storedChunk),
    ]);
    await overwrite(storeKey, mixed);
    const { got, error } = await read(store, storeKey, { key, size });
    expect(error).toBeInstanceOf(DamagedBytes);
    expect(got.equals(plain.subarray(0, chunk))).toBe(true);
  });

  test('refuses what was stored when the size is another than it was', async () => {
    const storeKey = await stored(plain);
    for (const wrong of [size - 1, size + 1, size - 1000, size + chunk, 0]) {
      expect((await read(store, storeKey, { key, size: wrong })).error).toBeInstanceOf(DamagedBytes);
    }
  });

  test('refuses what was cut after a whole chunk, also when its size was changed to fit', async () => {
    const storeKey = await stored(plain);
    await overwrite(storeKey, (await raw(storeKey)).subarray(0, head + 2 * storedChunk));
    const { got, error } = await read(store, storeKey, { key, size: 2 * chunk });
    expect(error).toBeInstanceOf(DamagedBytes);
    expect(got).toHaveLength(chunk);
  });

  test('rejects a read of what is not there', async () => {
    await expect(store.get(randomUUID(), { key, size })).rejects.toThrow(MissingBytes);
  });

  test.each([0, 5, 2 * chunk])('keeps nothing of a stream that fails after %i bytes', async (before) => {
    const error = new Error('cut off');
    const failing = Readable.from(
      (async function* () {
        yield randomBytes(before);
        throw error;
      })(),
      { objectMode: false },
    );
    const storeKey = randomUUID();
    await expect(store.put(storeKey, failing, key)).rejects.toBe(error);
    expect(await bytes.size(storeKey)).toBeUndefined();
  });

  test('stores nothing readable, and something else each time', async () => {
    const text = Buffer.from('diagnosis '.repeat(500));
    const objects = await Promise.all([stored(text), stored(text)].map(async (storeKey) => raw(await storeKey)));
    for (const object of objects) expect(object.includes('diag')).toBe(false);
    expect(objects[0]?.subarray(head).equals(objects[1]?.subarray(head) ?? Buffer.alloc(0))).toBe(false);
  });

  test.each([0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 7])('gives back %i bytes', async (length) => {
    const content = randomBytes(length);
    const storeKey = await stored(content);
    expect((await read(store, storeKey, { key, size: length })).got.equals(content)).toBe(true);
    expect(await bytes.size(storeKey)).toBe(head + length + Math.max(1, Math.ceil(length / chunk)) * overhead);
  });

  test('fetches only the chunks that a range needs', async () => {
    const storeKey = await stored(plain);
    const object = await raw(storeKey);
    // Everything but the second chunk is nonsense now.
    const damaged = Buffer.alloc(object.length);
    object.copy(damaged, head + storedChunk, head + storedChunk, head + 2 * storedChunk);
    await overwrite(storeKey, damaged);
    const range = { start: chunk, end: 2 * chunk - 1 };
    expect((await read(store, storeKey, { key, size, range })).got.equals(plain.subarray(chunk, 2 * chunk))).toBe(true);
  });

  test('lets a reader stop early, and one that never begins', async () => {
    const storeKey = await stored(plain);
    for (let round = 0; round < 300; round += 1) (await store.get(storeKey, { key, size })).destroy();
    for await (const _ of await store.get(storeKey, { key, size })) break;
    expect((await read(store, storeKey, { key, size })).got.equals(plain)).toBe(true);
  });

  test('reads what was stored without encryption, and refuses it when its length is wrong', async () => {
    const storeKey = randomUUID();
    await overwrite(storeKey, plain);
    const old = { key: undefined, size };
    expect((await read(store, storeKey, old)).got.equals(plain)).toBe(true);
    const range = { start: 70_000, end: size - 1 };
    expect((await read(store, storeKey, { ...old, range })).got.equals(plain.subarray(70_000))).toBe(true);
    for (const wrong of [plain.subarray(1), Buffer.concat([plain, Buffer.of(1)])]) {
      await overwrite(storeKey, wrong);
      expect((await read(store, storeKey, old)).error).toBeInstanceOf(DamagedBytes);
      expect((await read(store, storeKey, { ...old, range })).error).toBeInstanceOf(DamagedBytes);
    }
    const empty = randomUUID();
    await overwrite(empty, Buffer.alloc(0));
    expect(await read(store, empty, { key: undefined, size: 0 })).toEqual({ got: Buffer.alloc(0) });
  });

  test('wherever a bit is flipped, every range gives the right bytes or stops before the wrong ones', async () => {
    const storeKey = await stored(plain);
    const object = await raw(storeKey);
    await fc.assert(
      fc.asyncProperty(fc.nat(object.length - 1), fc.nat(size - 1), fc.nat(size - 1), async (place, one, two) => {
        await overwrite(storeKey, flippedAt(object, place));
        const range = { start: Math.min(one, two), end: Math.max(one, two) };
        const { got, error } = await read(store, storeKey, { key, size, range });
        const right = plain.subarray(range.start, range.end + 1);
        expect(got.equals(right.subarray(0, got.length))).toBe(true);
        if (error === undefined) expect(got.length).toBe(right.length);
        else expect(error).toBeInstanceOf(DamagedBytes);
        expect((await read(store, storeKey, { key, size })).error).toBeInstanceOf(DamagedBytes);
      }),
      { numRuns: 60 },
    );
  });
});
