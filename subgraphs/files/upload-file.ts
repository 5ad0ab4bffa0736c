// Takes in the bytes of a file: by its creator, once, all of them or none.
import type { Clock } from '../../platform/clock.ts';
import { AppError, notFound } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Logger, UserIdentity } from '../../platform/subgraph/context.ts';
import type { ByteStore } from './byte-store.ts';
import type { FileAccess } from './file-access.ts';
import { type ExpectedBytes, measuredBytes, tooLarge } from './measured-bytes.ts';
import type { FileStore, StoredBytes } from './store.ts';
import { storeFailure } from './store-failure.ts';

export interface FileUpload {
  readonly fileId: string;
  readonly uploader: UserIdentity;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly expected: ExpectedBytes;
}

export interface UploadParts {
  readonly store: FileStore;
  readonly access: FileAccess;
  readonly bytes: ByteStore;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface UploadedFile {
  readonly id: string;
  readonly size: number;
  readonly sha256: string;
}

export type UploadFile = (upload: FileUpload) => Promise<UploadedFile>;

/** NOT_FOUND, FORBIDDEN, ILLEGAL_STATE, FILE_TOO_LARGE, BAD_REQUEST, SERVICE_UNAVAILABLE: and then nothing is kept. */
export function createUploadFile({ store, access, bytes, clock, log }: UploadParts): UploadFile {
  const discard = (key: string) =>
    bytes
      .delete(key)
      .catch((err: unknown) => log.error({ err, key }, 'bytes that no file refers to could not be removed'));

  /** Whether these bytes are the file's now. */
  async function complete(fileId: string, stored: StoredBytes): Promise<boolean> {
    try {
      return await store.complete(fileId, stored, new Date(clock()));
    } catch (error) {
      // Whether a transaction whose answer was lost has committed, only the row can tell. If that cannot be read,
      // the bytes stay: bytes too many do no harm, bytes missing do.
      const [file] = await store.findByIds([fileId]).catch(() => {
        throw error;
      });
      if (file?.storeKey === stored.storeKey) return true;
      await discard(stored.storeKey);
      throw error;
    }
  }

  return async ({ fileId, uploader, bytes: source, expected }) => {
    await requireAwaitingBytes(fileId, uploader, access);
    if (expected.length !== undefined && expected.length > expected.most) throw tooLarge(expected.most);
    const { stream, measure } = measuredBytes(source, expected);
    const storeKey = newId();
    try {
      await bytes.put(storeKey, stream);
    } catch (error) {
      throw storeFailure(error, log);
    }
    const { size, sha256 } = measure();
    if (!(await complete(fileId, { storeKey, size: BigInt(size), sha256 }))) {
      await discard(storeKey);
      throw hasBytes();
    }
    return { id: fileId, size, sha256 };
  };
}

async function requireAwaitingBytes(fileId: string, uploader: UserIdentity, access: FileAccess): Promise<void> {
  const [file] = await access.findVisible([fileId], uploader);
  if (!file) throw notFound('File');
  if (file.creatorId !== uploader.userId) {
    throw new AppError('FORBIDDEN', 'Only the creator of a file may upload its bytes.');
  }
  if (file.storeKey !== null) throw hasBytes();
}

function hasBytes(): AppError {
  return new AppError(
    'ILLEGAL_STATE',
    'The bytes of this file have arrived already; they never change. Create a new file.',
  );
}
