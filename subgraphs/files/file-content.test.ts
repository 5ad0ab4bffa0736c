// Every range of a file is the range of its bytes, however they are spread over segments.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ByteStore, MissingBytes } from './byte-store.ts';
import { DamagedBytes } from './damaged-bytes.ts';
import { createDiskStore } from './disk-store.ts';
import { createEncryptedStore, type EncryptedStore } from './encrypted-store.ts';
import { createFileContent, type FileContent } from './file-content.ts';
import { createMasterKeys } from './master-keys.ts';
import type { FileSegments } from './segment-store.ts';

let folder: string;
let bytes: ByteStore;
let encrypted: EncryptedStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caregraph-content-'));
  bytes = createDiskStore(folder);
  encrypted = createEncryptedStore(bytes);
});
afterAll(() => rm(folder, { recursive: true }));

const masterKeys = createMasterKeys({ fileKeys: undefined, serviceSecret: 'a secret of tests with 32 characters' });

/** A file whose bytes lie in segments of these sizes. */
async function fileOf(sizes: readonly number[], isEncrypted = true) {
  const id = randomUUID();
  const { key, wrappedKey, masterKeyId } = masterKeys.newFileKey(id);
  const plain = randomBytes(sizes.reduce((sum, size) => sum + size, 0));
  const segments = sizes.map((size) => ({ storeKey: randomUUID(), size }));
  let offset = 0;
  for (const { storeKey, size } of segments) {
    const part = Readable.from([plain.subarray(offset, offset + size)], { objectMode: false });
    await (isEncrypted ? encrypted.put(storeKey, part, key) : bytes.put(storeKey, part));
    offset += size;
  }
  const row = isEncrypted ? { id, wrappedKey, masterKeyId } : { id, wrappedKey: null, masterKeyId: null };
  return { file: { id, size: BigInt(plain.length) }, plain, segments, row };
}

const contentOf = (found: FileSegments | undefined): FileContent =>
  createFileContent({ segmentsOf: async () => found, bytes: encrypted, masterKeys });

test('a file that has just been deleted is not found', async () => {
  await expect(contentOf(undefined).open({ id: randomUUID(), size: 5n })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a file whose segments are not all there is refused, and so is one of them in the place of another', async () => {
  const { file, segments, row } = await fileOf([10, 20, 30]);
  await expect(contentOf({ file: row, segments: segments.slice(0, 2) }).open(file)).rejects.toThrow(DamagedBytes);
  await expect(contentOf({ file: row, segments: segments.slice(1) }).open(file)).rejects.toThrow(DamagedBytes);
  const swapped = segments.map((segment, index) => ({ ...segment, size: segments.at(-1 - index)?.size ?? 0 }));
  await expect(contentOf({ file: row, segments: swapped }).open(file)).rejects.toThrow(DamagedBytes);
});

test('a later segment that is lost fails the stream after the bytes before it', async () => {
  const { file, plain, segments, row } = await fileOf([100_000, 20]);
  await bytes.delete(segments[1]?.storeKey ?? '');
  const stream = await contentOf({ file: row, segments }).open(file);
  const pieces: Buffer[] = [];
  const all = async () => {
    for await (const piece of stream) pieces.push(piece);
  };
  await expect(all()).rejects.toThrow(MissingBytes);
  expect(Buffer.concat(pieces).equals(plain.subarray(0, 100_000))).toBe(true);
});

test('a segment whose object is damaged is refused, also when it is empty', async () => {
  for (const sizes of [[0], [5]]) {
    const { file, segments, row } = await fileOf(sizes);
    await bytes.put(segments[0]?.storeKey ?? '', Readable.from([randomBytes(41)], { objectMode: false }));
    await expect(contentOf({ file: row, segments }).open(file)).rejects.toThrow(DamagedBytes);
  }
});

test('a file without bytes has none, with and without a segment', async () => {
  for (const sizes of [[], [0], [0, 0]]) {
    const { file, segments, row } = await fileOf(sizes);
    expect(await buffer(await contentOf({ file: row, segments }).open(file))).toHaveLength(0);
  }
});

test('a file that was stored without encryption can be read', async () => {
  const { file, plain, segments, row } = await fileOf([150_000], false);
  const content = contentOf({ file: row, segments });
  expect((await buffer(await content.open(file))).equals(plain)).toBe(true);
  const range = { start: 100, end: 149_999 };
  expect((await buffer(await content.open(file, range))).equals(plain.subarray(100))).toBe(true);
});

test('every range is the same as of one buffer', async () => {
  const size = fc.oneof(fc.nat(5), fc.nat(100_000), fc.constantFrom(0, 65_535, 65_536, 65_537, 131_072));
  const layout = fc.array(size, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(layout, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 }), async (sizes, places) => {
      const { file, plain, segments, row } = await fileOf(sizes);
      const content = contentOf({ file: row, segments });
      expect((await buffer(await content.open(file))).equals(plain)).toBe(true);
      for (const [one, two] of plain.length === 0 ? [] : places) {
        const ends = [one % plain.length, two % plain.length];
        const range = { start: Math.min(...ends), end: Math.max(...ends) };
        const got = await buffer(await content.open(file, range));
        expect(got.equals(plain.subarray(range.start, range.end + 1))).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});
