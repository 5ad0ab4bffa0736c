// Keeps a piece of a file: its bytes in the store first, then the row that refers to them. What no row came to refer to
// is removed again.
import type { Readable } from 'node:stream';
import { newId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { EncryptedStore } from './encrypted-store.ts';
import { storeFailure } from './store-failure.ts';
import type { UploadStore } from './upload-store.ts';

export interface SegmentWriterParts {
  readonly uploads: Pick<UploadStore, 'hasSegment'>;
  readonly bytes: EncryptedStore;
  readonly log: Logger;
}

/** Runs the transaction in which the row is written; whether it was. */
export type CommitSegment = (storeKey: string) => Promise<boolean>;

/** Stores the bytes and commits them; whether they are kept. Rejects with the stream's error, or SERVICE_UNAVAILABLE. */
export type WriteSegment = (stream: Readable, key: Buffer, commit: CommitSegment) => Promise<boolean>;

export function createSegmentWriter({ uploads, bytes, log }: SegmentWriterParts): WriteSegment {
  const discard = (key: string) =>
    bytes
      .delete(key)
      .catch((err: unknown) => log.error({ err, key }, 'bytes that no file refers to could not be removed'));

  async function committed(storeKey: string, commit: CommitSegment): Promise<boolean> {
    try {
      return await commit(storeKey);
    } catch (error) {
      // Whether a transaction whose answer was lost has committed, only the row can tell. If that cannot be read,
      // the bytes stay: bytes too many do no harm, bytes missing do.
      const isKept = await uploads.hasSegment(storeKey).catch(() => {
        throw error;
      });
      if (isKept) return true;
      await discard(storeKey);
      throw error;
    }
  }

  return async (stream, key, commit) => {
    const storeKey = newId();
    try {
      await bytes.put(storeKey, stream, key);
    } catch (error) {
      throw storeFailure(error, log);
    }
    const isKept = await committed(storeKey, commit);
    if (!isKept) await discard(storeKey);
    return isKept;
  };
}
