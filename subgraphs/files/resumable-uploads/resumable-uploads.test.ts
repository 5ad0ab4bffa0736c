// Uploads that are cut off anywhere and go on, on real stores: what was kept stays kept, and the file is what was sent.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from '../../../tests/support/file-client.ts';
import { type UploadBench, uploadBench } from '../../../tests/support/upload-bench.ts';
import type { ByteStore } from '../byte-store.ts';
import { createEncryptedStore, type EncryptedStore } from '../encrypted-store.ts';
import type { FileModel } from '../models.ts';
import { createSegmentWriter } from '../segment-writer.ts';
import { createUploadFile } from '../upload-file.ts';
import type { UploadStore } from '../upload-store.ts';
import { uploadLifetime } from './resumable-uploads.ts';

let bench: UploadBench;
let ahead = 0;
const pieceBytes = 10_000;
const crash = new Error('the process crashed');

async function* chunked(bytes: Buffer, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function readBack(id: string): Promise<Buffer> {
  return buffer(await bench.content.open(await bench.row(id)));
}

/** An upload that has so many of these bytes. */
async function halfUpload(bytes: Buffer, sent: number, input = {}): Promise<FileModel> {
  const file = await bench.createFile(input);
  const resumable = bench.resumable({ pieceBytes });
  await resumable.declareLength(file, bytes.length);
  expect(await resumable.append(file, 0, chunked(bytes.subarray(0, sent), 7_000))).toBe(sent);
  return file;
}

/** Stores that fail as told, as a process does that dies: it tidies nothing away. */
function crashing(faults: { rows?: Partial<UploadStore>; bytes?: Partial<EncryptedStore> }) {
  const uploads = { ...bench.uploads, ...faults.rows };
  const bytes = { ...bench.encrypted, ...faults.bytes, delete: async () => {} };
  return bench.resumable({
    pieceBytes,
    uploads,
    writeSegment: createSegmentWriter({ uploads, bytes, log: bench.log }),
  });
}

const die = async () => {
  throw crash;
};

describe.each([
  { store: 'disk', runs: 40 },
  { store: 'S3', runs: 12 },
] as const)('on $store', ({ store, runs }) => {
  beforeAll(async () => {
    bench = await uploadBench({ store, now: () => Date.now() + ahead });
  });
  afterAll(() => bench.close());

  describe('an upload that is cut off', () => {
    const cut = fc.record({
      /** How many bytes are sent at most before it is cut. */
      sent: fc.nat({ max: 40_000 }),
      chunkBytes: fc.integer({ min: 1, max: 30_000 }),
      how: fc.constantFrom('ends', 'breaks', 'crashes before the commit', 'crashes after the commit', 'is not stored'),
    });

    test('anywhere, any number of times, is whole in the end', async () => {
      const whole = fc.record({
        size: fc.nat({ max: 100_000 }),
        cuts: fc.array(cut, { maxLength: 8 }),
        deferred: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(whole, async ({ size, cuts, deferred }) => {
          const bytes = randomBytes(size);
          const file = await bench.createFile();
          if (!deferred) await bench.resumable().declareLength(file, size);
          for (const { sent, chunkBytes, how } of size === 0 ? [] : cuts) {
            const { offset } = await bench.resumable().find(file);
            // The file must not come to its end: then there would be nothing to cut.
            const part = chunked(bytes.subarray(offset, Math.min(offset + sent, size - 1)), Math.max(chunkBytes, 100));
            await attempt(file, { offset, part, how });
            const kept = (await bench.resumable().find(file)).offset;
            expect(kept).toBeGreaterThanOrEqual(offset);
          }
          const resumable = bench.resumable({ pieceBytes });
          const { offset } = await resumable.find(file);
          if (deferred) await resumable.declareLength(file, size);
          expect(await resumable.append(file, offset, chunked(bytes.subarray(offset), 9_999))).toBe(size);
          expect(await bench.row(file.id)).toMatchObject({
            status: 'READY',
            size: BigInt(size),
            sha256: sha256(bytes),
          });
          expect((await readBack(file.id)).equals(bytes)).toBe(true);
        }),
        { numRuns: runs },
      );
    }, 300_000);

    interface Attempt {
      readonly offset: number;
      readonly part: AsyncIterable<Uint8Array>;
      readonly how: string;
    }

    async function attempt(file: FileModel, { offset, part, how }: Attempt): Promise<void> {
      const broken = async function* () {
        yield* part;
        throw crash;
      };
      const unstored: EncryptedStore['put'] = async (_key, stream) => {
        await buffer(stream);
        throw crash;
      };
      const appendAndDie: UploadStore['append'] = async (...args) => {
        await bench.uploads.append(...args);
        throw crash;
      };
      const attempts: Record<string, () => Promise<unknown>> = {
        ends: () => bench.resumable({ pieceBytes }).append(file, offset, part),
        breaks: () => bench.resumable({ pieceBytes }).append(file, offset, broken()),
        'crashes before the commit': () => crashing({ rows: { append: die } }).append(file, offset, part),
        'crashes after the commit': () =>
          crashing({ rows: { append: appendAndDie, hasSegment: die } }).append(file, offset, part),
        'is not stored': () => crashing({ bytes: { put: unstored } }).append(file, offset, part),
      };
      await attempts[how]?.().catch(() => undefined);
    }

    test('loses at most a piece', async () => {
      const bytes = randomBytes(35_000);
      const file = await bench.createFile();
      let commits = 0;
      const append: UploadStore['append'] = (...args) => (++commits > 2 ? die() : bench.uploads.append(...args));
      await expect(crashing({ rows: { append } }).append(file, 0, chunked(bytes, 3_000))).rejects.toBe(crash);
      expect(await bench.resumable().find(file)).toMatchObject({ offset: 2 * pieceBytes });
    });

    test('by a full store goes on when there is room again', async () => {
      const bytes = randomBytes(35_000);
      const file = await bench.createFile();
      let puts = 0;
      // The piece that does not fit has been taken in part.
      const put: ByteStore['put'] = async (key, stream) => {
        puts += 1;
        if (puts <= 2) return bench.objects.put(key, stream);
        for await (const _chunk of stream) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      };
      const { objects, uploads, log } = bench;
      const stored = createEncryptedStore({ ...objects, put });
      const writeSegment = createSegmentWriter({ uploads, bytes: stored, log });
      const full = bench.resumable({ pieceBytes, writeSegment });
      await full.declareLength(file, bytes.length);
      const isFull = { code: 'SERVICE_UNAVAILABLE', message: 'The file store is full.' };
      await expect(full.append(file, 0, chunked(bytes, 3_000))).rejects.toMatchObject(isFull);
      // It is as full the next time, and nothing of what was kept goes.
      await expect(full.append(file, 20_000, chunked(bytes.subarray(20_000), 3_000))).rejects.toMatchObject(isFull);
      expect(await bench.resumable().find(file)).toMatchObject({ offset: 20_000 });
      expect(await bench.row(file.id)).toMatchObject({ status: 'AWAITING_BYTES', size: null });
      expect(await bench.segments(file.id)).toHaveLength(2);
      expect(await bench.resumable().append(file, 20_000, chunked(bytes.subarray(20_000), 3_000))).toBe(35_000);
      expect(await bench.row(file.id)).toMatchObject({ status: 'READY', sha256: sha256(bytes) });
      expect((await readBack(file.id)).equals(bytes)).toBe(true);
    });

    test('shows nothing of the file before it is whole', async () => {
      const before = await bench.usage(bench.pat.userId);
      const file = await halfUpload(randomBytes(50_000), 40_000);
      expect(await bench.row(file.id)).toMatchObject({ status: 'AWAITING_BYTES', size: null, sha256: null });
      expect(await bench.usage(bench.pat.userId)).toBe(before);
    });

    test('keeps what it remembers of the content sealed', async () => {
      const bytes = Buffer.from('the patient said '.repeat(100));
      const file = await halfUpload(bytes, 1_000);
      const { state } = (await bench.uploads.find(file.id)) ?? {};
      expect(state?.length).toBeGreaterThan(1_000);
      expect(Buffer.from(state ?? []).includes('patient')).toBe(false);
    });
  });

  describe('of uploads of one file at the same time', () => {
    test('from the same place, one wins and the other is told to look', async () => {
      const bytes = randomBytes(30_000);
      const file = await halfUpload(bytes, 10_000);
      const settled = await Promise.allSettled(
        [1, 2, 3].map(() => bench.resumable().append(file, 10_000, chunked(bytes.subarray(10_000, 20_000), 1_000))),
      );
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const one of settled) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CONFLICT' });
      }
      expect(await bench.resumable().append(file, 20_000, chunked(bytes.subarray(20_000), 999))).toBe(30_000);
      expect((await readBack(file.id)).equals(bytes)).toBe(true);
    });

    test('the one that would end loses when the other has moved on meanwhile', async () => {
      const bytes = randomBytes(30_000);
      const file = await halfUpload(bytes, 10_000);
      const overtaken = async function* () {
        yield bytes.subarray(10_000, 20_000);
        await bench.resumable().append(file, 10_000, chunked(bytes.subarray(10_000, 15_000), 1_000));
        yield bytes.subarray(20_000);
      };
      await expect(bench.resumable().append(file, 10_000, overtaken())).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await bench.resumable().find(file)).toMatchObject({ offset: 15_000 });
      expect(await bench.resumable().append(file, 15_000, chunked(bytes.subarray(15_000), 1_000))).toBe(30_000);
      expect((await readBack(file.id)).equals(bytes)).toBe(true);
    });

    test('one in one go wins over a half one, whose bytes go', async () => {
      const file = await halfUpload(randomBytes(30_000), 25_000);
      const segments = (await bench.segments(file.id)) ?? [];
      expect(segments.length).toBe(3);
      const bytes = randomBytes(20_000);
      const upload = createUploadFile(bench);
      await upload({ fileId: file.id, uploader: bench.pat, bytes: Readable.from([bytes]), announced: {} });
      expect((await readBack(file.id)).equals(bytes)).toBe(true);
      expect(await bench.uploads.find(file.id)).toBeUndefined();
      await bench.jobs.runDue();
      for (const { storeKey } of segments) expect(await bench.objects.size(storeKey)).toBeUndefined();
      await expect(bench.resumable().append(file, 25_000, chunked(randomBytes(5_000), 1_000))).rejects.toMatchObject({
        code: 'ILLEGAL_STATE',
      });
      expect((await readBack(file.id)).equals(bytes)).toBe(true);
    });

    test('one that ends while another goes on in one go makes that one lose', async () => {
      const bytes = randomBytes(30_000);
      const file = await halfUpload(bytes, 25_000);
      const slow = async function* () {
        yield randomBytes(10);
        await bench.resumable().append(file, 25_000, chunked(bytes.subarray(25_000), 1_000));
        yield randomBytes(10);
      };
      const upload = createUploadFile(bench);
      await expect(
        upload({ fileId: file.id, uploader: bench.pat, bytes: slow(), announced: {} }),
      ).rejects.toMatchObject({
        code: 'ILLEGAL_STATE',
      });
      expect((await readBack(file.id)).equals(bytes)).toBe(true);
    });
  });

  describe('an upload', () => {
    test('that nobody went on with for a day begins anew, and its bytes go', async () => {
      const bytes = randomBytes(30_000);
      const file = await halfUpload(bytes, 20_000);
      const segments = (await bench.segments(file.id)) ?? [];
      ahead += uploadLifetime - 60_000;
      expect(await bench.resumable().find(file)).toMatchObject({ offset: 20_000 });
      ahead += 61_000;
      expect(await bench.resumable().find(file)).toMatchObject({ offset: 0, length: undefined });
      await bench.jobs.runDue();
      for (const { storeKey } of segments) expect(await bench.objects.size(storeKey)).toBeUndefined();
      expect(await bench.resumable().append(file, 0, chunked(bytes, 9_000))).toBe(30_000);
      await bench.resumable().declareLength(file, 30_000);
      await bench.resumable().append(file, 30_000, chunked(Buffer.alloc(0), 1));
      expect((await readBack(file.id)).equals(bytes)).toBe(true);
    });

    test('that somebody went on with lives a day longer', async () => {
      const bytes = randomBytes(30_000);
      const file = await halfUpload(bytes, 20_000);
      ahead += uploadLifetime - 60_000;
      await bench.resumable().append(file, 20_000, chunked(bytes.subarray(20_000, 25_000), 1_000));
      ahead += uploadLifetime - 60_000;
      expect(await bench.resumable().find(file)).toMatchObject({ offset: 25_000 });
    });

    test('that is ended leaves the file as it was', async () => {
      const file = await halfUpload(randomBytes(30_000), 20_000);
      await bench.resumable().end(file);
      expect(await bench.segments(file.id)).toEqual([]);
      expect(await bench.resumable().find(file)).toMatchObject({ offset: 0 });
      expect(await bench.row(file.id)).toMatchObject({ status: 'AWAITING_BYTES' });
    });

    test('of another type than the file was declared with leaves nothing', async () => {
      const bytes = Buffer.concat([Buffer.from('GIF89a'), randomBytes(20_000)]);
      const file = await bench.createFile({ mimeType: 'image/png' });
      const resumable = bench.resumable({ pieceBytes });
      // The first bytes alone do not decide.
      expect(await resumable.append(file, 0, chunked(bytes.subarray(0, 3_000), 1_000))).toBe(3_000);
      await expect(resumable.append(file, 3_000, chunked(bytes.subarray(3_000), 1_000))).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: 'The file was declared as image/png, but its bytes are image/gif.',
      });
      expect(await bench.segments(file.id)).toEqual([]);
      expect(await resumable.find(file)).toMatchObject({ offset: 0 });
    });

    test('cannot be longer than announced, and its length is announced once', async () => {
      const file = await halfUpload(randomBytes(30_000), 20_000);
      const resumable = bench.resumable();
      await expect(resumable.declareLength(file, 40_000)).rejects.toMatchObject({ code: 'ILLEGAL_STATE' });
      await resumable.declareLength(file, 30_000);
      await expect(resumable.append(file, 20_000, chunked(randomBytes(10_001), 1_000))).rejects.toMatchObject({
        code: 'FILE_TOO_LARGE',
      });
      expect(await resumable.find(file)).toMatchObject({ offset: 20_000 });
    });

    test('has a bounded number of pieces', async () => {
      const file = await halfUpload(randomBytes(30_000), 20_000);
      await bench.fillSegments(file.id, 10_000);
      await expect(bench.resumable().append(file, 20_000, chunked(randomBytes(10), 10))).rejects.toMatchObject({
        code: 'ILLEGAL_STATE',
      });
      expect(await bench.resumable().find(file)).toMatchObject({ offset: 20_000 });
    });
  });
});
