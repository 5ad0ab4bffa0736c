// Uploads when the database or the store of bytes fails at the worst moment: nothing is lost that was complete, and
// nothing stays that is not.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type UploadBench, uploadBench } from '../../tests/support/upload-bench.ts';
import type { EncryptedStore } from './encrypted-store.ts';
import { createSegmentWriter } from './segment-writer.ts';
import { createUploadFile } from './upload-file.ts';
import type { UploadStore } from './upload-store.ts';

let bench: UploadBench;

beforeAll(async () => {
  bench = await uploadBench();
});
afterAll(() => bench.close());

/** An upload of these bytes to a new file, on stores that fail as told. Keys that were written are noted. */
async function upload(bytes: Buffer, faults: { rows?: Partial<UploadStore>; bytes?: Partial<EncryptedStore> }) {
  const file = await bench.createFile();
  const keys: string[] = [];
  const put: EncryptedStore['put'] = (key, ...rest) => {
    keys.push(key);
    return (faults.bytes?.put ?? bench.encrypted.put)(key, ...rest);
  };
  const uploads = { ...bench.uploads, ...faults.rows };
  const stores = { uploads, bytes: { ...bench.encrypted, ...faults.bytes, put }, log: bench.log };
  const uploadFile = createUploadFile({ ...bench, uploads, writeSegment: createSegmentWriter(stores) });
  const outcome = uploadFile({ fileId: file.id, uploader: bench.pat, bytes: Readable.from([bytes]), announced: {} });
  const settled = await outcome.then(
    (value) => ({ value, error: undefined }),
    (error) => ({ value: undefined, error }),
  );
  return { ...settled, row: await bench.row(file.id), segments: await bench.segments(file.id), key: keys[0] ?? '' };
}

const lost = new Error('the connection to the database was lost');

test.each([
  ['is full', Object.assign(new Error('no space'), { code: 'ENOSPC' }), 'The file store is full.'],
  ['is broken', new Error('S3 says no at 10.0.0.7'), 'The file store cannot be used at the moment.'],
])('a store that %s is a clear error that tells nothing of it', async (_how, cause, message) => {
  const put = async () => {
    throw cause;
  };
  const { error, row, segments } = await upload(randomBytes(10), { bytes: { put } });
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', message });
  expect(row).toMatchObject({ status: 'AWAITING_BYTES', size: null });
  expect(segments).toEqual([]);
});

test('bytes whose row could not be written are removed', async () => {
  const complete = async () => {
    throw lost;
  };
  const { error, row, key } = await upload(randomBytes(10), { rows: { complete } });
  expect(error).toBe(lost);
  expect(row).toMatchObject({ status: 'AWAITING_BYTES' });
  expect(await bench.objects.size(key)).toBeUndefined();
});

test('bytes of which nobody can say whether their row was written are kept', async () => {
  const fail = async () => {
    throw lost;
  };
  const { error, key } = await upload(randomBytes(10), { rows: { complete: fail, hasSegment: fail } });
  expect(error).toBe(lost);
  expect(await bench.objects.size(key)).toBeGreaterThan(10);
});

test('an upload whose row was written is complete, though the answer of the database was lost', async () => {
  const bytes = randomBytes(10);
  const complete: UploadStore['complete'] = async (...args) => {
    await bench.uploads.complete(...args);
    throw lost;
  };
  const { value, row, segments, key } = await upload(bytes, { rows: { complete } });
  expect(value).toMatchObject({ size: 10 });
  expect(row).toMatchObject({ status: 'READY', size: 10n });
  expect(segments).toEqual([{ storeKey: key, size: 10 }]);
  expect((await buffer(await bench.content.open(row))).equals(bytes)).toBe(true);
});

test('a file from before there was encryption gets a key with its bytes', async () => {
  const bytes = randomBytes(100_000);
  const file = await bench.createFile();
  await bench.forgetKey(file.id);
  const uploadFile = createUploadFile(bench);
  await uploadFile({ fileId: file.id, uploader: bench.pat, bytes: Readable.from([bytes]), announced: {} });
  const row = await bench.row(file.id);
  expect(row.wrappedKey).not.toBeNull();
  expect((await buffer(await bench.content.open(row))).equals(bytes)).toBe(true);
});
