// The rows of uploads: what has arrived of a file, and the transaction that makes it complete. Every change of an upload
// takes the lock of the file's row first, so that of parallel uploads one wins and no two wait for each other.
import type { FileUpload } from '../../generated/prisma/client.ts';
import type { Database, Models, WriteTransaction } from '../../platform/database/database.ts';
import { AppError } from '../../platform/errors.ts';
import { deleteBytesJobs } from './delete-bytes-jobs.ts';
import { fileUploaded } from './events.ts';
import { type InsertedFile, insertFile, type NewFile } from './insert-file.ts';
import type { FileModel } from './models.ts';
import { raiseUsage } from './raise-usage.ts';
import type { Segment } from './segment-store.ts';
import type { NewToken } from './tokens/new-token.ts';
import { type FileOwners, type QuotaOwner, quotaExceeded, quotaOwners, type UploadLimits } from './upload-limits.ts';

/** Where a resumable upload stands: how far it is, and which one it is, as one that was dropped may begin anew. */
export interface UploadPlace {
  readonly offset: number;
  readonly begun: Date;
}

/** How far a resumable upload comes by a piece. */
export interface UploadProgress {
  /** Where it stood before. */
  readonly after: UploadPlace;
  readonly offset: number;
  readonly state: Uint8Array<ArrayBuffer>;
  readonly expiresAt: Date;
  readonly limits: UploadLimits;
}

export interface WholeFile {
  readonly sha256: string;
  readonly size: number;
  readonly limits: UploadLimits;
  readonly segment: Segment;
}

export interface Completion extends Omit<WholeFile, 'segment'> {
  /** The last bytes, unless they are there already. */
  readonly segment?: Segment;
  /**
   * Where the resumable upload stood that ends so. Without it, the segment is the whole file, and what a resumable
   * upload may have brought is dropped.
   */
  readonly after?: UploadPlace;
}

export interface NewFileRows {
  readonly file: NewFile;
  readonly token: NewToken;
}

type UploadModels = 'file' | 'fileUpload' | 'fileSegment' | 'fileToken' | 'fileUsage';
type Transaction = WriteTransaction<UploadModels>;

export interface UploadStore {
  /** Gives a file without a key this one; answers with the key that it has now. */
  keepKey(fileId: string, key: WrappedKey): Promise<WrappedKey>;
  find(fileId: string): Promise<FileUpload | undefined>;
  /** The upload of this file, begun now unless it is under way; undefined when the file awaits no bytes. */
  begin(fileId: string, expiresAt: Date): Promise<FileUpload | undefined>;
  /** Notes how many bytes there will be; answers false when that was said before. */
  declareLength(fileId: string, length: number): Promise<boolean>;
  /** Adds a piece to an upload that stands where it stood; else answers false and changes nothing. QUOTA_EXCEEDED. */
  append(fileId: string, segment: Segment, progress: UploadProgress): Promise<boolean>;
  /** The file has all its bytes. False when it awaits none, or its upload stands elsewhere; QUOTA_EXCEEDED. */
  complete(fileId: string, completion: Completion): Promise<boolean>;
  /** A new file that has all its bytes already. QUOTA_EXCEEDED. */
  createComplete(newFile: NewFileRows, completion: WholeFile): Promise<InsertedFile>;
  /** Drops what has arrived of a file that is not complete; only if it had expired by then, or began then, if that is given. */
  drop(fileId: string, only?: { readonly expiredAt?: Date; readonly begun?: Date }): Promise<void>;
  hasSegment(storeKey: string): Promise<boolean>;
  /** QUOTA_EXCEEDED when so much more is more than allowed now; what counts in the end is what `complete` finds. */
  requireRoom(file: FileOwners & { readonly id?: string }, needed: NeededRoom): Promise<void>;
}

export interface NeededRoom {
  readonly bytes: number;
  readonly limits: UploadLimits;
  /** Counts also what has arrived of other files that are not complete: nobody may keep any number of halves. */
  readonly withHalves?: boolean;
}

type WrappedKey = Pick<FileModel, 'wrappedKey' | 'masterKeyId'>;

interface UploadStoreOptions {
  readonly now: () => Date;
  /** Whether a scanner decides when complete files may be downloaded. */
  readonly scanning: boolean;
}

const mostSegments = 10_000;

export function createUploadStore(database: Database, { now, scanning }: UploadStoreOptions): UploadStore {
  const { db, write } = database.forService<UploadModels>('files');

  /** All segments are there. */
  async function finish(tx: Transaction, id: string, { owners, sha256, size, limits }: FinishedUpload) {
    await raiseUsage(tx.db, { owners, bytes: size, limits });
    const file = await tx.db.file.update({
      where: { id },
      data: { size: BigInt(size), sha256, uploadedAt: now(), status: scanning ? 'SCANNING' : 'READY' },
    });
    tx.publish(fileUploaded(file));
    if (scanning) tx.enqueue({ job: 'scanFile', data: { fileId: id } });
    return file;
  }

  return {
    async keepKey(id, key) {
      await db.file.updateMany({ where: { id, wrappedKey: null, status: 'AWAITING_BYTES' }, data: key });
      const file = await db.file.findUnique({ where: { id }, select: { wrappedKey: true, masterKeyId: true } });
      return file ?? key;
    },

    find: async (fileId) => (await db.fileUpload.findUnique({ where: { fileId } })) ?? undefined,

    begin: (fileId, expiresAt) =>
      write(async (tx) => {
        if ((await lockAwaitingBytes(tx, fileId)) === undefined) return undefined;
        return tx.db.fileUpload.upsert({ where: { fileId }, create: { fileId, expiresAt }, update: {} });
      }),

    async declareLength(fileId, length) {
      const { count } = await db.fileUpload.updateMany({
        where: { fileId, length: null, offset: { lte: BigInt(length) } },
        data: { length: BigInt(length) },
      });
      return count > 0;
    },

    append: (fileId, segment, { after, offset, limits, ...progress }) =>
      write(async (tx) => {
        const owners = await lockAwaitingBytes(tx, fileId);
        if (owners === undefined) return false;
        const { count } = await tx.db.fileUpload.updateMany({
          where: at(fileId, after),
          data: { ...progress, offset: BigInt(offset) },
        });
        if (count === 0) return false;
        await addSegment(tx, fileId, segment);
        // Under the lock of the usage: of pieces that come at the same time, each counts the others.
        await raiseUsage(tx.db, { owners, bytes: 0, limits, halves: (owner) => halvesOf(tx.db, owner) });
        return true;
      }),

    complete: (fileId, { sha256, size, limits, segment, after }) =>
      write(async (tx) => {
        const owners = await lockAwaitingBytes(tx, fileId);
        if (owners === undefined) return false;
        if (after === undefined) await dropUpload(tx, fileId);
        else {
          const { count } = await tx.db.fileUpload.deleteMany({ where: at(fileId, after) });
          if (count === 0) return false;
        }
        if (segment !== undefined) await addSegment(tx, fileId, segment);
        await finish(tx, fileId, { owners, sha256, size, limits });
        return true;
      }),

    createComplete: ({ file, token }, { segment, ...whole }) =>
      write(async (tx) => {
        const inserted = await insertFile(tx, file, token);
        await addSegment(tx, file.id, segment);
        return { ...inserted, file: await finish(tx, file.id, { ...whole, owners: file }) };
      }),

    drop: (fileId, { expiredAt, begun } = {}) =>
      write(async (tx) => {
        if ((await lockAwaitingBytes(tx, fileId)) === undefined) return;
        const upload = await tx.db.fileUpload.findUnique({ where: { fileId } });
        if (expiredAt !== undefined && upload !== null && upload.expiresAt > expiredAt) return;
        if (begun !== undefined && upload?.createdAt.getTime() !== begun.getTime()) return;
        await dropUpload(tx, fileId);
      }),

    hasSegment: async (storeKey) => (await db.fileSegment.findUnique({ where: { storeKey } })) !== null,

    async requireRoom({ id, ...owners }, { bytes, limits, withHalves = false }) {
      for (const owner of quotaOwners(owners)) {
        const most = limits[owner.kind];
        if (most === undefined) continue;
        const usage = await db.fileUsage.findUnique({ where: { kind_ownerId: owner } });
        const halves = withHalves ? await halvesOf(db, owner, id) : 0;
        if (Number(usage?.bytes ?? 0) + halves + bytes > most) throw quotaExceeded(owner.kind, most);
      }
    },
  };
}

/** Whose file it is; undefined when it is gone or has its bytes. Nothing else changes the file until the transaction ends. */
async function lockAwaitingBytes({ db }: Transaction, fileId: string): Promise<FileOwners | undefined> {
  const [owners] = await db.$queryRaw<FileOwners[]>`
    SELECT creator_id::text AS "creatorId", application_id::text AS "applicationId" FROM files.files
    WHERE id = ${fileId}::uuid AND status = 'AWAITING_BYTES' FOR UPDATE`;
  return owners;
}

/** Bytes that have arrived of the owner's files that are not complete; of all but one. */
async function halvesOf(db: Models<UploadModels>, { kind, ownerId }: QuotaOwner, butOf?: string): Promise<number> {
  const file = kind === 'user' ? { creatorId: ownerId } : { applicationId: ownerId };
  const others = butOf === undefined ? {} : { fileId: { not: butOf } };
  const sum = await db.fileUpload.aggregate({ where: { file, ...others }, _sum: { offset: true } });
  return Number(sum._sum.offset ?? 0);
}

function at(fileId: string, { offset, begun }: UploadPlace) {
  return { fileId, offset: BigInt(offset), createdAt: begun };
}

async function addSegment({ db }: Transaction, fileId: string, { storeKey, size }: Segment): Promise<void> {
  const ordinal = await db.fileSegment.count({ where: { fileId } });
  if (ordinal >= mostSegments) {
    throw new AppError(
      'ILLEGAL_STATE',
      `The file came in ${mostSegments} pieces. End this upload, and send larger ones.`,
    );
  }
  await db.fileSegment.create({ data: { fileId, ordinal, storeKey, size: BigInt(size) } });
}

async function dropUpload(tx: Transaction, fileId: string): Promise<void> {
  await tx.db.fileUpload.deleteMany({ where: { fileId } });
  const segments = await tx.db.fileSegment.findMany({ where: { fileId }, select: { storeKey: true } });
  await tx.db.fileSegment.deleteMany({ where: { fileId } });
  for (const job of deleteBytesJobs(segments.map(({ storeKey }) => storeKey))) tx.enqueue(job);
}

interface FinishedUpload extends Omit<WholeFile, 'segment'> {
  readonly owners: FileOwners;
}
