// Uploads without HTTP, for tests that break their stores or cut them where no client could: an embedded database, a
// store of bytes of any kind, and all that uploads are made of.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { pino } from 'pino';
import { startS3 } from '../../operations/servers/s3.ts';
import { temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import { identityFrom } from '../../platform/identity/identity.ts';
import { declareQueues } from '../../platform/jobs/declare-queues.ts';
import { createSealing } from '../../platform/sealing.ts';
import { requireUser } from '../../platform/subgraph/context.ts';
import type { ByteStore } from '../../subgraphs/files/byte-store.ts';
import { type CreateFileInput, createFile } from '../../subgraphs/files/create-file.ts';
import { deleteBytesJob } from '../../subgraphs/files/delete-bytes.ts';
import { createDiskStore } from '../../subgraphs/files/disk-store.ts';
import { createEncryptedStore } from '../../subgraphs/files/encrypted-store.ts';
import { createFileAccess } from '../../subgraphs/files/file-access.ts';
import { createFileContent } from '../../subgraphs/files/file-content.ts';
import { createMasterKeys } from '../../subgraphs/files/master-keys.ts';
import type { CompleteFile, FileModel } from '../../subgraphs/files/models.ts';
import {
  createResumableUploads,
  type ResumableUploadParts,
} from '../../subgraphs/files/resumable-uploads/resumable-uploads.ts';
import { createS3Store } from '../../subgraphs/files/s3-store.ts';
import { createSegmentStore } from '../../subgraphs/files/segment-store.ts';
import { createSegmentWriter } from '../../subgraphs/files/segment-writer.ts';
import { createSettingsStore } from '../../subgraphs/files/settings/settings-store.ts';
import { createFileStore } from '../../subgraphs/files/store.ts';
import { createLimitsFor } from '../../subgraphs/files/upload-limits.ts';
import { createUploadStore } from '../../subgraphs/files/upload-store.ts';
import { createKeyOf } from '../../subgraphs/files/uploadable-file.ts';
import { startTestDatabase } from './database.ts';
import { testJobs } from './test-jobs.ts';

export type UploadBench = Awaited<ReturnType<typeof uploadBench>>;

const serviceSecret = 'a secret that only tests know, 32+ characters';

const mostBytes = 1024 * 1024 * 1024;

export interface UploadBenchOptions {
  /** On disk unless told. */
  readonly store?: 'disk' | 'S3';
  /** In milliseconds; the clock of this machine unless told. */
  readonly now?: () => number;
}

const stores = { disk: onDisk, S3: onS3 };

export async function uploadBench({ store: kind = 'disk', now = Date.now }: UploadBenchOptions = {}) {
  const { objects, stop } = await stores[kind]();
  const database = await startTestDatabase();
  const services = new Map([['files', { deleteBytes: deleteBytesJob(objects) }]]);
  await declareQueues(database.connection, { services, deadLetters: false });
  const { db } = database.forService<'file' | 'fileSegment' | 'fileUpload' | 'fileUsage'>('files');
  const log = pino({ level: 'silent' });
  const store = createFileStore(database);
  const settings = createSettingsStore(database);
  const masterKeys = createMasterKeys({ fileKeys: undefined, serviceSecret });
  const encrypted = createEncryptedStore(objects);
  const segmentsOf = createSegmentStore(database).findSegments;
  const uploads = createUploadStore(database, { now: () => new Date(now()), scanning: false });
  const linkedFiles = { among: async () => [], all: async () => [], amongAll: async () => [], async *newestFirst() {} };
  const pat = requireUser(identityFrom({ userId: randomUUID() }));
  const parts = {
    uploads,
    access: createFileAccess(store, linkedFiles),
    writeSegment: createSegmentWriter({ uploads, bytes: encrypted, log }),
    limitsFor: createLimitsFor(settings, mostBytes),
    keyOf: createKeyOf(masterKeys, uploads),
    clock: now,
  };
  const row = async (id: string) => (await db.file.findUniqueOrThrow({ where: { id } })) as CompleteFile;
  return {
    ...parts,
    ...{ database, objects, encrypted, settings, store, masterKeys, log, pat, row },
    content: createFileContent({ segmentsOf, bytes: encrypted, masterKeys }),
    createFile: async (input: Partial<CreateFileInput> = {}, creator = pat): Promise<FileModel> => {
      const sealing = createSealing(serviceSecret, 'file tokens');
      return (await createFile({ name: 'trace.ecg', ...input }, creator, { store, masterKeys, sealing })).file;
    },
    /** As if the file had been created before there was encryption. */
    forgetKey: (id: string) => db.file.update({ where: { id }, data: { wrappedKey: null, masterKeyId: null } }),
    segments: async (id: string) => (await segmentsOf(id))?.segments,
    usage: async (ownerId: string) => (await db.fileUsage.findFirst({ where: { ownerId } }))?.bytes,
    jobs: testJobs(database, services, now),
    /** Gives the upload of a file so many pieces, as rows alone. */
    fillSegments: async (id: string, pieces: number) => {
      await db.$executeRaw`
        INSERT INTO files.segments (file_id, ordinal, store_key, size, updated_at)
        SELECT ${id}::uuid, ordinal, gen_random_uuid(), 1, now() FROM generate_series(100, 99 + ${pieces}::int) AS ordinal`;
    },
    resumable: (options: Partial<ResumableUploadParts> = {}) => createResumableUploads({ ...parts, ...options }),
    async close() {
      await database.close();
      await stop();
    },
  };
}

interface Store {
  readonly objects: ByteStore;
  stop(): Promise<void>;
}

async function onDisk(): Promise<Store> {
  const folder = temporaryFolder('uploads');
  return { objects: createDiskStore(folder), stop: () => rm(folder, { recursive: true }) };
}

async function onS3(): Promise<Store> {
  const server = await startS3();
  const objects = createS3Store(server.config, mostBytes);
  const stop = async () => {
    objects.close();
    await server.stop();
  };
  return { objects, stop };
}
