// Master keys change: every file comes under the new one, also what was stored before there was encryption.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { declareQueues } from '../../platform/jobs/declare-queues.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { recordingLog } from '../../tests/support/recording-log.ts';
import { testJobs } from '../../tests/support/test-jobs.ts';
import { deleteBytesJob } from './delete-bytes.ts';
import { createDiskStore } from './disk-store.ts';
import { createEncryptedStore } from './encrypted-store.ts';
import { createFileContent } from './file-content.ts';
import { createMasterKeys, type FileKeyRow, MissingMasterKey } from './master-keys.ts';
import { checkFileKeys, rewrapFileKeysJob } from './rewrap-file-keys.ts';
import { createRewrapStore } from './rewrap-store.ts';
import { createSegmentStore } from './segment-store.ts';
import { createFileStore } from './store.ts';

const serviceSecret = 'a secret that only tests know, 32+ characters';
const [older, newer, foreign] = ['older', 'newer', 'foreign'].map((id) => ({ id, key: randomBytes(32) })) as [
  { id: string; key: Buffer },
  { id: string; key: Buffer },
  { id: string; key: Buffer },
];

const run = async () => {};

let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caregraph-rewrap-'));
  database = await startTestDatabase();
  await declareQueues(database.connection, {
    services: new Map([['files', { rewrapFileKeys: { run }, deleteBytes: { run } }]]),
  });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

/** The service as it starts with these master keys, and as it was an hour later. */
function serviceWith(fileKeys: readonly { id: string; key: Buffer }[]) {
  const log = recordingLog();
  const bytes = createDiskStore(folder);
  const encrypted = createEncryptedStore(bytes);
  const masterKeys = createMasterKeys({ fileKeys: fileKeys.length === 0 ? undefined : fileKeys, serviceSecret });
  const segmentsOf = createSegmentStore(database).findSegments;
  const rows = createRewrapStore(database, Date.now);
  const parts = { rows, segmentsOf, bytes: encrypted, masterKeys, log };
  const handlers = { rewrapFileKeys: rewrapFileKeysJob(parts), deleteBytes: deleteBytesJob(bytes) };
  const jobsIn = (milliseconds: number) =>
    testJobs(database, new Map([['files', handlers]]), () => Date.now() + milliseconds);
  const jobs = jobsIn(3_600_000);
  const content = createFileContent({ segmentsOf, bytes: encrypted, masterKeys });
  return { log, bytes, encrypted, masterKeys, jobs, jobsIn, content, rows, start: () => checkFileKeys(parts) };
}
type Service = ReturnType<typeof serviceWith>;

const tables = () => database.forService<'file' | 'fileSegment'>('files').db;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A file in the state that it had after its upload. */
async function storedFile(
  { masterKeys, encrypted, bytes }: Service,
  { isEncrypted = true, content = randomBytes(150_000) } = {},
) {
  const id = randomUUID();
  const storeKey = randomUUID();
  const { key, ...wrapped } = masterKeys.newFileKey(id);
  const stream = Readable.from([content], { objectMode: false });
  await (isEncrypted ? encrypted.put(storeKey, stream, key) : bytes.put(storeKey, stream));
  const size = BigInt(content.length);
  const facts = { name: 'a', mimeType: 'text/plain', creatorId: randomUUID(), size, sha256: sha256(content) };
  await tables().file.create({ data: { id, ...facts, status: 'READY', ...(isEncrypted ? wrapped : {}) } });
  await tables().fileSegment.create({ data: { fileId: id, ordinal: 0, storeKey, size } });
  return { id, size, storeKey, content };
}

const rowOf = (id: string) => tables().file.findUniqueOrThrow({ where: { id } });
const segmentOf = (fileId: string) => tables().fileSegment.findFirstOrThrow({ where: { fileId } });
const forgetAll = () => tables().file.deleteMany();

test('master keys that are missing or not the right ones are told at start, and nothing is done to their files', async () => {
  const before = serviceWith([foreign]);
  const file = await storedFile(before);
  const row = await rowOf(file.id);

  const without = serviceWith([newer]);
  await without.start();
  expect(without.log.lines).toEqual([{ level: 'error', text: expect.stringMatching(/missing.*"foreign".*"files":1/) }]);
  await expect(without.content.open(file)).rejects.toThrow(MissingMasterKey);
  expect(await without.jobs.runDue()).toBe(0);

  const wrong = serviceWith([newer, { id: foreign.id, key: randomBytes(32) }]);
  await wrong.start();
  expect(wrong.log.lines).toEqual([{ level: 'error', text: expect.stringMatching(/not the one.*"foreign"/) }]);
  await wrong.jobs.runDue();
  expect(await rowOf(file.id)).toEqual(row);
  expect(wrong.log.lines.slice(1)).toEqual([
    { level: 'error', text: expect.stringContaining(file.id) },
    { level: 'info', text: expect.stringContaining('"left":1') },
  ]);
  await forgetAll();
});

test('a deleted file cannot be read from backups once its master key is gone', async () => {
  const before = serviceWith([older]);
  const [deleted, living] = [await storedFile(before), await storedFile(before)];
  const backup = {
    row: await rowOf(deleted.id),
    segment: await segmentOf(deleted.id),
    object: await buffer(await before.bytes.get(deleted.storeKey)),
  };
  await createFileStore(database).remove([deleted.id]);
  await before.jobs.runDue();
  expect(await before.bytes.size(deleted.storeKey)).toBeUndefined();
  const rotating = serviceWith([newer, older]);
  await rotating.start();
  await rotating.jobs.runDue();

  const { id: fileId } = await tables().file.create({ data: backup.row });
  await tables().fileSegment.create({ data: backup.segment });
  await before.bytes.put(deleted.storeKey, Readable.from([backup.object], { objectMode: false }));
  const without = serviceWith([newer]);
  await expect(without.content.open({ id: fileId, size: deleted.size })).rejects.toThrow(MissingMasterKey);
  expect((await buffer(await without.content.open(living))).equals(living.content)).toBe(true);
  // Whoever has kept the key can read it: it is the key that makes the difference.
  expect((await buffer(await rotating.content.open(deleted))).equals(deleted.content)).toBe(true);
  await forgetAll();
});

test('nothing is queued where every file is under the current key', async () => {
  const service = serviceWith([older]);
  await service.start();
  await storedFile(service);
  await service.start();
  expect(await service.jobs.queued()).toEqual([]);
  expect(service.log.lines).toEqual([]);
  await forgetAll();
});

test('files of the service secret and of an older key come under the newer one, in as many runs as it takes', async () => {
  const before = [serviceWith([]), serviceWith([older])];
  const files: Awaited<ReturnType<typeof storedFile>>[] = [];
  for (let count = 0; count < 120; count += 1) {
    files.push(await storedFile(before[count % 2] as Service, { content: randomBytes(100) }));
  }
  const { updatedAt } = await rowOf(files[0]?.id ?? '');
  const service = serviceWith([newer, older]);
  await service.start();
  expect(await service.jobs.runDue()).toBe(3);
  expect(service.log.lines).toEqual([{ level: 'info', text: expect.stringContaining('"left":0') }]);
  expect((await rowOf(files[0]?.id ?? '')).updatedAt).toEqual(updatedAt);
  // The older keys are not needed any more.
  const later = serviceWith([newer]);
  for (const file of files) expect((await buffer(await later.content.open(file))).equals(file.content)).toBe(true);
  await later.start();
  expect(await later.jobs.queued()).toEqual([]);
  await forgetAll();
});

test('what was stored before there was encryption is encrypted, stays readable, and is gone unencrypted an hour later', async () => {
  const service = serviceWith([newer]);
  const file = await storedFile(service, { isEncrypted: false });
  const empty = await storedFile(service, { isEncrypted: false, content: Buffer.alloc(0) });
  expect((await buffer(await service.content.open(file))).equals(file.content)).toBe(true);
  const opened = await service.content.open(file);
  await service.start();
  // Who has just looked up where the bytes are still finds them there.
  await service.jobsIn(60_000).runDue();
  expect(await service.bytes.size(file.storeKey)).toBe(file.content.length);
  await service.jobs.runDue();
  const { storeKey } = await segmentOf(file.id);
  expect(storeKey).not.toBe(file.storeKey);
  expect((await buffer(await service.bytes.get(storeKey))).includes(file.content.subarray(0, 100))).toBe(false);
  expect(await service.bytes.size(file.storeKey)).toBeUndefined();
  expect(await service.bytes.size(empty.storeKey)).toBeUndefined();
  // Who was reading reads on, and who comes now gets the same.
  expect((await buffer(opened)).equals(file.content)).toBe(true);
  expect((await buffer(await service.content.open(file))).equals(file.content)).toBe(true);
  expect(await buffer(await service.content.open(empty))).toHaveLength(0);
  await forgetAll();
});

test('unencrypted bytes that were changed are not encrypted as if they were right', async () => {
  const service = serviceWith([newer]);
  const file = await storedFile(service, { isEncrypted: false });
  const changed = Buffer.from(file.content);
  changed.writeUInt8(changed.readUInt8(77) ^ 1, 77);
  await service.bytes.put(file.storeKey, Readable.from([changed], { objectMode: false }));
  const healthy = await storedFile(service, { isEncrypted: false });
  await service.start();
  await service.jobs.runDue();
  expect((await rowOf(file.id)).wrappedKey).toBeNull();
  expect((await segmentOf(file.id)).storeKey).toBe(file.storeKey);
  expect((await rowOf(healthy.id)).masterKeyId).toBe(newer.id);
  expect(service.log.lines.map(({ level }) => level)).toEqual(['error', 'info']);
  expect(service.log.lines[1]?.text).toContain('"left":1');
  await forgetAll();
});

/** Runs the job; something else happens while the first file's bytes are on their way. */
async function runWhile({ rows, encrypted, masterKeys, log }: Service, happens: () => Promise<unknown>) {
  const objects: string[] = [];
  const bytes = {
    ...encrypted,
    async put(storeKey: string, plain: Readable, key: Buffer) {
      await encrypted.put(storeKey, plain, key);
      if (objects.push(storeKey) === 1) await happens();
    },
  };
  const segmentsOf = createSegmentStore(database).findSegments;
  const job = rewrapFileKeysJob({ rows, segmentsOf, bytes, masterKeys, log });
  await job.run({}, { id: randomUUID(), number: 1 });
  return objects;
}

test('a file that is deleted while it is encrypted leaves nothing in the store', async () => {
  const service = serviceWith([newer]);
  const { id } = await storedFile(service, { isEncrypted: false });
  const objects = await runWhile(service, () => tables().file.delete({ where: { id } }));
  expect(objects).toHaveLength(1);
  expect(await service.bytes.size(objects[0] ?? '')).toBeUndefined();
  await service.jobs.runDue();
  expect(service.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('two processes that do the same files at the same time come to one result', async () => {
  const [service, other] = [serviceWith([newer]), serviceWith([newer])];
  const files = [await storedFile(service, { isEncrypted: false }), await storedFile(service, { isEncrypted: false })];
  const objects = await runWhile(service, () => runWhile(other, async () => {}));
  expect(objects).toHaveLength(1);
  expect(await service.bytes.size(objects[0] ?? '')).toBeUndefined();
  await service.jobs.runDue();
  for (const file of files) expect((await buffer(await service.content.open(file))).equals(file.content)).toBe(true);
  expect(service.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await forgetAll();
});

test('a file that still awaits its bytes gets a key', async () => {
  const service = serviceWith([newer]);
  const id = randomUUID();
  await tables().file.create({ data: { id, name: 'a', mimeType: 'text/plain', creatorId: randomUUID() } });
  await service.start();
  await service.jobs.runDue();
  const row: FileKeyRow = await rowOf(id);
  expect(service.masterKeys.open(row)).toHaveLength(32);
  await forgetAll();
});
