// Uploads when the database or the store of bytes fails at the worst moment: nothing is lost that was complete, and
// nothing stays that is not.
import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { systemClock } from '../../platform/clock.ts';
import { identityFrom } from '../../platform/identity/identity.ts';
import { requireUser } from '../../platform/subgraph/context.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { temporaryFolder } from '../../tests/support/throwaway-process.ts';
import type { ByteStore } from './byte-store.ts';
import { createFile } from './create-file.ts';
import { createDiskStore } from './disk-store.ts';
import { createFileAccess } from './file-access.ts';
import type { FileStore } from './store.ts';
import { createFileStore } from './store.ts';
import { createUploadFile } from './upload-file.ts';

const pat = requireUser(identityFrom({ userId: randomUUID() }));
const folder = temporaryFolder('upload');
let database: TestDatabase;
let store: FileStore;
let disk: ByteStore;

beforeAll(async () => {
  database = await startTestDatabase();
  store = createFileStore(database);
  disk = createDiskStore(folder);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

/** An upload of these bytes to a new file, on stores that fail as told. Keys that were written are noted. */
async function upload(bytes: Buffer, faults: { rows?: Partial<FileStore>; bytes?: Partial<ByteStore> }) {
  const file = await createFile({ name: 'trace.ecg' }, pat, store);
  const keys: string[] = [];
  const put: ByteStore['put'] = (key, stream) => {
    keys.push(key);
    return (faults.bytes?.put ?? disk.put)(key, stream);
  };
  const uploadFile = createUploadFile({
    store: { ...store, ...faults.rows },
    access: createFileAccess(store, { among: async () => [], all: async () => [], amongAll: async () => [] }),
    bytes: { ...disk, ...faults.bytes, put },
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
  const outcome = uploadFile({
    fileId: file.id,
    uploader: pat,
    bytes: Readable.from([bytes]),
    expected: { most: 1000 },
  });
  const settled = await outcome.then(
    (value) => ({ value, error: undefined }),
    (error) => ({ value: undefined, error }),
  );
  const [row] = await store.findByIds([file.id]);
  return { ...settled, row, key: keys[0] ?? '' };
}

const lost = new Error('the connection to the database was lost');

test.each([
  ['is full', Object.assign(new Error('no space'), { code: 'ENOSPC' }), 'The file store is full.'],
  ['is broken', new Error('S3 says no at 10.0.0.7'), 'The file store cannot be used at the moment.'],
])('a store that %s is a clear error that tells nothing of it', async (_how, cause, message) => {
  const put = async () => {
    throw cause;
  };
  const { error, row } = await upload(randomBytes(10), { bytes: { put } });
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', message });
  expect(row).toMatchObject({ storeKey: null, size: null });
});

test('bytes whose row could not be written are removed', async () => {
  const complete = async () => {
    throw lost;
  };
  const { error, row, key } = await upload(randomBytes(10), { rows: { complete } });
  expect(error).toBe(lost);
  expect(row).toMatchObject({ storeKey: null });
  expect(await disk.size(key)).toBeUndefined();
});

test('bytes of which nobody can say whether their row was written are kept', async () => {
  const fail = async () => {
    throw lost;
  };
  const { error, key } = await upload(randomBytes(10), { rows: { complete: fail, findByIds: fail } });
  expect(error).toBe(lost);
  expect(await disk.size(key)).toBe(10);
});

test('an upload whose row was written is complete, though the answer of the database was lost', async () => {
  const bytes = randomBytes(10);
  const complete: FileStore['complete'] = async (...args) => {
    await store.complete(...args);
    throw lost;
  };
  const { value, row, key } = await upload(bytes, { rows: { complete } });
  expect(value).toMatchObject({ size: 10 });
  expect(row).toMatchObject({ storeKey: key, size: 10n });
  expect((await buffer(await disk.get(key))).equals(bytes)).toBe(true);
});
