// Takes in the bytes of a file in one go: by its creator, once, all of them or none.
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import type { FileAccess } from './file-access.ts';
import { type AnnouncedBytes, measuredBytes } from './measured-bytes.ts';
import type { WriteSegment } from './segment-writer.ts';
import { type LimitsFor, tooLarge } from './upload-limits.ts';
import type { UploadStore } from './upload-store.ts';
import { awaitsBytes, hasBytes, type KeyOf, requireOwnFile } from './uploadable-file.ts';

export interface FileUpload {
  readonly fileId: string;
  readonly uploader: UserIdentity;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly announced: AnnouncedBytes;
}

export interface UploadParts {
  readonly access: FileAccess;
  readonly uploads: UploadStore;
  readonly writeSegment: WriteSegment;
  readonly limitsFor: LimitsFor;
  readonly keyOf: KeyOf;
}

export interface UploadedFile {
  readonly id: string;
  readonly size: number;
  readonly sha256: string;
}

export type UploadFile = (upload: FileUpload) => Promise<UploadedFile>;

/**
 * NOT_FOUND, FORBIDDEN, ILLEGAL_STATE, FILE_TOO_LARGE, QUOTA_EXCEEDED, BAD_REQUEST, SERVICE_UNAVAILABLE: and then nothing
 * is kept. What a resumable upload has brought of the file goes when this one is complete.
 */
export function createUploadFile({ access, uploads, writeSegment, limitsFor, keyOf }: UploadParts): UploadFile {
  return async ({ fileId, uploader, bytes, announced }) => {
    const file = await requireOwnFile(fileId, uploader, access);
    if (!awaitsBytes(file)) throw hasBytes();
    const limits = await limitsFor(file.applicationId);
    const { length = 0 } = announced;
    if (length > limits.file) throw tooLarge(limits.file);
    await uploads.requireRoom(file, { bytes: length, limits });
    const { stream, measure } = measuredBytes(bytes, { ...announced, most: limits.file, mimeType: file.mimeType });
    const isComplete = await writeSegment(stream, await keyOf(file), (storeKey) => {
      const { size, sha256 } = measure();
      return uploads.complete(fileId, { size, sha256, limits, segment: { storeKey, size } });
    });
    if (!isComplete) throw hasBytes();
    return { id: fileId, ...measure() };
  };
}
