// Uploads that go on where they were cut off: what has arrived is kept, piece by piece, until the file is complete. Knows
// nothing of HTTP and of the protocol that clients speak.
import { Readable } from 'node:stream';
import type { Clock } from '../../../platform/clock.ts';
import { AppError } from '../../../platform/errors.ts';
import { WrongContent } from '../content-type-check.ts';
import type { FileModel } from '../models.ts';
import type { Segment } from '../segment-store.ts';
import type { WriteSegment } from '../segment-writer.ts';
import { type FileOwners, type LimitsFor, tooLarge, type UploadLimits } from '../upload-limits.ts';
import type { UploadPlace, UploadStore } from '../upload-store.ts';
import { awaitsBytes, hasBytes, type KeyOf } from '../uploadable-file.ts';
import { inPieces } from './in-pieces.ts';
import { openPassedBytes, type PassedBytes } from './passed-bytes.ts';
import { standsElsewhere } from './tus-refusals.ts';

export interface ResumableUpload {
  /** How many bytes have arrived. */
  readonly offset: number;
  /** How many there will be; undefined while the client has not said. */
  readonly length: number | undefined;
  /** Undefined for an upload that is complete, or of which nothing is known yet. */
  readonly expiresAt: Date | undefined;
}

/** All that is said of a file here was read a moment ago; what has changed since shows in the database, and is refused. */
export interface ResumableUploads {
  /** Where the upload of this file stands. One that has expired begins anew. */
  find(file: FileModel): Promise<ResumableUpload>;
  /** FILE_TOO_LARGE or QUOTA_EXCEEDED where a file of so many bytes could not be kept now. */
  requireRoom(owners: FileOwners, length: number): Promise<void>;
  /** Says how many bytes there will be. ILLEGAL_STATE when that was said otherwise, FILE_TOO_LARGE, QUOTA_EXCEEDED. */
  declareLength(file: FileModel, length: number): Promise<void>;
  /**
   * Keeps bytes as they arrive, and makes the file complete with the last of them; answers with the new offset. CONFLICT
   * when another upload was faster, FILE_TOO_LARGE, QUOTA_EXCEEDED, SERVICE_UNAVAILABLE, or the error of the source: then
   * whole pieces stay. BAD_REQUEST for content of another type: then nothing stays of the upload.
   */
  append(file: FileModel, offset: number, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /** Drops what has arrived; the file still awaits its bytes. ILLEGAL_STATE when it is complete. */
  end(file: FileModel): Promise<void>;
}

export interface ResumableUploadParts {
  readonly uploads: UploadStore;
  readonly writeSegment: WriteSegment;
  readonly limitsFor: LimitsFor;
  readonly keyOf: KeyOf;
  readonly clock: Clock;
  /** Bytes that a crash can lose at most. */
  readonly pieceBytes?: number;
}

/** Milliseconds from the last sign of life. */
export const uploadLifetime = 24 * 60 * 60 * 1000;
const mebibyte = 1024 * 1024;

export function createResumableUploads(parts: ResumableUploadParts): ResumableUploads {
  const { uploads, clock } = parts;
  const expiry = () => new Date(clock() + uploadLifetime);

  async function requireRoom(owners: FileOwners, length: number): Promise<void> {
    const limits = await parts.limitsFor(owners.applicationId);
    if (length > limits.file) throw tooLarge(limits.file);
    await uploads.requireRoom(owners, { bytes: length, limits });
  }

  async function findRow(file: FileModel) {
    const row = await uploads.find(file.id);
    if (row === undefined || row.expiresAt.getTime() > clock()) return row;
    await uploads.drop(file.id, { expiredAt: new Date(clock()) });
    return undefined;
  }

  async function requireRow(file: FileModel) {
    const row = (await findRow(file)) ?? (await uploads.begin(file.id, expiry()));
    if (row === undefined) throw hasBytes();
    return row;
  }

  return {
    async find(file) {
      if (!awaitsBytes(file)) {
        const size = Number(file.size);
        return { offset: size, length: size, expiresAt: undefined };
      }
      const row = await findRow(file);
      return {
        offset: Number(row?.offset ?? 0),
        length: row?.length == null ? undefined : Number(row.length),
        expiresAt: row?.expiresAt,
      };
    },

    requireRoom,

    async declareLength(file, length) {
      await requireRoom(file, length);
      const row = await requireRow(file);
      if (row.length === null && (await uploads.declareLength(file.id, length))) return;
      if (Number((await uploads.find(file.id))?.length) !== length) {
        throw new AppError('ILLEGAL_STATE', 'Another length of this upload was announced before.');
      }
    },

    async append(file, from, bytes) {
      if (!awaitsBytes(file)) throw hasBytes();
      const row = await requireRow(file);
      if (Number(row.offset) !== from) throw standsElsewhere();
      const key = await parts.keyOf(file);
      const length = row.length === null ? undefined : Number(row.length);
      const limits = await parts.limitsFor(file.applicationId);
      if (from !== length) await uploads.requireRoom(file, { bytes: length ?? from, limits, withHalves: true });
      const passed = await openPassedBytes({ offset: from, state: row.state }, { mimeType: file.mimeType, key });
      const after = { offset: from, begun: row.createdAt };
      return receive(bytes, { ...parts, file, after, length, limits, passed, key, expiry });
    },

    async end(file) {
      if (!awaitsBytes(file)) throw hasBytes();
      await uploads.drop(file.id);
    },
  };
}

interface Reception extends ResumableUploadParts {
  readonly file: FileModel;
  readonly after: UploadPlace;
  readonly length: number | undefined;
  readonly limits: UploadLimits;
  readonly passed: PassedBytes;
  readonly key: Buffer;
  readonly expiry: () => Date;
}

/** Answers with the new offset. */
async function receive(bytes: AsyncIterable<Uint8Array>, reception: Reception): Promise<number> {
  const { file, length, limits, passed, uploads, writeSegment, key, pieceBytes = 64 * mebibyte } = reception;
  const most = Math.min(length ?? limits.file, limits.file);
  const { offset: from, begun } = reception.after;
  let offset = from;
  const isWhole = () => offset === length;

  const finish = async (segment?: Segment, after = offset) => {
    await passed.content.end();
    const size = after + (segment?.size ?? 0);
    const completion = { sha256: passed.sha256(), size, limits, after: { offset: after, begun } };
    return uploads.complete(file.id, segment === undefined ? completion : { ...completion, segment });
  };

  async function keep(piece: AsyncIterable<Uint8Array>): Promise<boolean> {
    const after = offset;
    const measured = async function* () {
      for await (const chunk of piece) {
        if (offset + chunk.length > most) throw tooLarge(most);
        offset += chunk.length;
        await passed.content.pass(chunk);
        passed.add(chunk);
        yield chunk;
      }
    };
    return writeSegment(Readable.from(measured(), { objectMode: false }), key, (storeKey) => {
      const segment = { storeKey, size: offset - after };
      if (isWhole()) return finish(segment, after);
      const expiresAt = reception.expiry();
      const progress = { after: { offset: after, begun }, offset, state: passed.seal(offset), expiresAt, limits };
      return uploads.append(file.id, segment, progress);
    });
  }

  try {
    let isKept = true;
    for await (const piece of inPieces(bytes, pieceBytes)) {
      isKept = await keep(piece);
      if (!isKept) break;
    }
    if (isKept && isWhole() && offset === from) {
      // The length was said last; or it is that of an empty file, which has one empty piece.
      isKept = offset === 0 ? await keep(Readable.from([])) : await finish();
    }
    if (!isKept) throw standsElsewhere();
    return offset;
  } catch (error) {
    if (error instanceof WrongContent) await uploads.drop(file.id, { begun });
    throw error;
  }
}
