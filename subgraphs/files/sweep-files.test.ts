// The sweeper removes what is over and what nothing refers to, never what something does, and nothing from a store that
// is not this database's alone.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type S3Server, startS3 } from '../../operations/servers/s3.ts';
import { declareQueues } from '../../platform/jobs/declare-queues.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { recordingLog } from '../../tests/support/recording-log.ts';
import { testJobs } from '../../tests/support/test-jobs.ts';
import type { ByteStore } from './byte-store.ts';
import { deleteBytesJob } from './delete-bytes.ts';
import { createDiskStore } from './disk-store.ts';
import { createS3Store } from './s3-store.ts';
import { isOwnStore, markerKey } from './store-marker.ts';
import { sweepFiles } from './sweep-files.ts';
import { createSweepStore } from './sweep-store.ts';
import { createUploadStore } from './upload-store.ts';

const minute = 60_000;
const hour = 60 * minute;

const content = (bytes: string | Buffer) => Readable.from([Buffer.from(bytes)], { objectMode: false });

/** A database and what of the service sweeps, at a moment that the test chooses. */
async function sweeperOn(bytes: ByteStore) {
  const database: TestDatabase = await startTestDatabase();
  const deleteBytes = deleteBytesJob(bytes);
  await declareQueues(database.connection, { services: new Map([['files', { deleteBytes }]]) });
  const log = recordingLog();
  const moment = { now: Date.now() };
  const rows = createSweepStore(database);
  const uploads = createUploadStore(database, { now: () => new Date(moment.now), scanning: false });
  const jobs = testJobs(database, new Map([['files', { deleteBytes }]]), () => moment.now);
  const models = database.forService<'file' | 'fileSegment' | 'fileThumbnail' | 'fileUpload' | 'fileToken'>('files').db;
  return {
    log,
    models,
    storeId: () => rows.storeId(),
    claim: () => isOwnStore({ bytes, rows, log }),
    async sweepIn(milliseconds: number) {
      moment.now = Date.now() + milliseconds;
      await sweepFiles({ rows, uploads, bytes, clock: () => moment.now, log });
      await jobs.runDue();
    },
    async file(status: string) {
      const id = randomUUID();
      const facts = { name: 'a', mimeType: 'image/png', creatorId: randomUUID(), status };
      await models.file.create({ data: { id, ...facts } });
      return id;
    },
    /** An object that a segment of the file refers to. */
    async segment(fileId: string, ordinal = 0) {
      const storeKey = randomUUID();
      await bytes.put(storeKey, content(randomBytes(10)));
      await models.fileSegment.create({ data: { fileId, ordinal, storeKey, size: 10n } });
      return storeKey;
    },
    close: () => database.close(),
  };
}
type Sweeper = Awaited<ReturnType<typeof sweeperOn>>;

async function keysIn(bytes: ByteStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of bytes.list()) keys.push(...page.map(({ key }) => key));
  return keys.sort();
}

async function onDisk() {
  const folder = await mkdtemp(join(tmpdir(), 'caregraph-sweep-'));
  return { bytes: createDiskStore(folder), stop: () => rm(folder, { recursive: true }) };
}

async function onS3() {
  const server: S3Server = await startS3();
  const bytes = createS3Store(server.config, 1024 * 1024);
  const stop = async () => {
    bytes.close();
    await server.stop();
  };
  return { bytes, stop };
}

describe.each([
  { name: 'disk', start: onDisk },
  { name: 'S3', start: onS3 },
])('on $name', ({ start }) => {
  let bytes: ByteStore;
  let stop: () => Promise<unknown>;
  let sweeper: Sweeper;
  beforeAll(async () => {
    ({ bytes, stop } = await start());
  });
  afterAll(() => stop());
  beforeEach(async () => {
    sweeper = await sweeperOn(bytes);
  });
  afterEach(async () => {
    await sweeper.close();
    for (const key of await keysIn(bytes)) await bytes.delete(key);
  });

  const orphan = async () => {
    const key = randomUUID();
    await bytes.put(key, content('nobody knows me'));
    return key;
  };

  test('nothing is removed from a store that another database has marked, by neither of them', async () => {
    const other = await sweeperOn(bytes);
    await other.sweepIn(0);
    const [own, theirs] = [await sweeper.segment(await sweeper.file('READY')), await orphan()];
    const ofOther = await other.segment(await other.file('READY'));
    await sweeper.sweepIn(26 * hour);
    await other.sweepIn(26 * hour);
    expect(await keysIn(bytes)).toEqual([markerKey, own, theirs, ofOther].sort());
    for (const { log } of [sweeper, other]) {
      expect(log.lines).toEqual([{ level: 'error', text: expect.stringContaining('databases share the store') }]);
    }
    await other.close();
  });

  test('nothing is removed from a store without a mark that has bytes, but none of this database', async () => {
    const keys = [await orphan(), await orphan()];
    await sweeper.sweepIn(26 * hour);
    expect(await keysIn(bytes)).toEqual(keys.sort());
    expect(sweeper.log.lines).toEqual([{ level: 'error', text: expect.stringContaining('of another database') }]);
  });

  test('nothing is removed from a store whose mark is nonsense', async () => {
    await bytes.put(markerKey, content('hello'));
    const key = await orphan();
    await sweeper.sweepIn(26 * hour);
    expect(await keysIn(bytes)).toEqual([markerKey, key].sort());
  });

  test('an empty store, and one that has bytes of this database from before, is marked once', async () => {
    expect(await sweeper.claim()).toBe(true);
    expect(await text(await bytes.get(markerKey))).toBe(await sweeper.storeId());
    await bytes.delete(markerKey);
    await orphan();
    await sweeper.segment(await sweeper.file('READY'));
    expect(await sweeper.claim()).toBe(true);
    expect(await sweeper.claim()).toBe(true);
    expect(await text(await bytes.get(markerKey))).toBe(await sweeper.storeId());
    expect(sweeper.log.lines).toEqual([]);
  });

  test('bytes that nothing refers to stay for a day, and then they go', async () => {
    await sweeper.claim();
    const key = await orphan();
    await sweeper.sweepIn(24 * hour - 2 * minute);
    expect(await keysIn(bytes)).toEqual([markerKey, key].sort());
    await sweeper.sweepIn(24 * hour + 2 * minute);
    expect(await keysIn(bytes)).toEqual([markerKey]);
    expect(sweeper.log.lines).toEqual([{ level: 'info', text: expect.stringContaining('"removed":1') }]);
  });

  test('what a file, an upload or a picture refers to stays, whatever its age', async () => {
    await sweeper.claim();
    const ready = await sweeper.file('READY');
    const kept = [await sweeper.segment(ready), await sweeper.segment(ready, 1)];
    const picture = randomUUID();
    await bytes.put(picture, content('a picture'));
    const box = { width: 8, height: 8 };
    await sweeper.models.fileThumbnail.create({
      data: { fileId: ready, ...box, storeKey: picture, size: 9n, mimeType: 'image/png' },
    });
    const halfway = await sweeper.file('AWAITING_BYTES');
    const expiresAt = new Date(Date.now() + 100 * hour);
    await sweeper.models.fileUpload.create({ data: { fileId: halfway, expiresAt } });
    const arrived = await sweeper.segment(halfway);
    await orphan();
    await sweeper.sweepIn(99 * hour);
    expect(await keysIn(bytes)).toEqual([markerKey, ...kept, picture, arrived].sort());
  });

  test('an expired upload goes with what has arrived, and its file stays and awaits its bytes', async () => {
    const fileId = await sweeper.file('AWAITING_BYTES');
    await sweeper.models.fileUpload.create({ data: { fileId, expiresAt: new Date(Date.now() + hour), offset: 20n } });
    for (const ordinal of [0, 1]) await sweeper.segment(fileId, ordinal);
    await sweeper.sweepIn(58 * minute);
    expect(await keysIn(bytes)).toHaveLength(3);
    expect(await sweeper.models.fileUpload.count()).toBe(1);
    await sweeper.sweepIn(62 * minute);
    expect(await keysIn(bytes)).toEqual([markerKey]);
    expect(await sweeper.models.fileUpload.count()).toBe(0);
    expect(await sweeper.models.fileSegment.count()).toBe(0);
    expect(await sweeper.models.file.findUnique({ where: { id: fileId } })).toMatchObject({ status: 'AWAITING_BYTES' });
  });
});

test('expired and used tokens go, others stay', async () => {
  const { bytes, stop } = await onDisk();
  const sweeper = await sweeperOn(bytes);
  const fileId = await sweeper.file('READY');
  const token = (facts: { expiresAt?: Date; singleUse?: boolean; usedAt?: Date }) => {
    const id = randomUUID();
    return { id, fileId, hash: id, sealed: 'sealed', accessLevel: 'READ', ...facts };
  };
  const good = [
    token({}),
    token({ expiresAt: new Date(Date.now() + 3 * hour) }),
    token({ singleUse: true }),
    token({ usedAt: new Date() }),
  ];
  const over = [token({ expiresAt: new Date(Date.now() + hour) }), token({ singleUse: true, usedAt: new Date() })];
  await sweeper.models.fileToken.createMany({ data: [...good, ...over] });
  await sweeper.sweepIn(2 * hour);
  const left = await sweeper.models.fileToken.findMany({ select: { id: true } });
  expect(left.map(({ id }) => id).sort()).toEqual(good.map(({ id }) => id).sort());
  await sweeper.close();
  await stop();
});

test('on disk, other files and what was half written since yesterday stay', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'caregraph-sweep-'));
  const sweeper = await sweeperOn(createDiskStore(folder));
  await sweeper.claim();
  const [old, recent] = [randomUUID(), randomUUID()];
  for (const key of [old, recent]) await writeFile(join(folder, 'incoming', key), 'half');
  await utimes(join(folder, 'incoming', old), new Date(0), new Date(0));
  await writeFile(join(folder, 'README.txt'), 'Bytes of files');
  await sweeper.sweepIn(2 * hour);
  const names = await readdir(folder, { recursive: true });
  expect(names).toContain('README.txt');
  expect(names).toContain(join('incoming', recent));
  expect(names).not.toContain(join('incoming', old));
  await sweeper.close();
  await rm(folder, { recursive: true });
});
