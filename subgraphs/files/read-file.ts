// Gives out the bytes of a file, to whoever may see the file at that moment.
import { Readable } from 'node:stream';
import { invariant, notFound } from '../../platform/errors.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { ByteRange, ByteStore } from './byte-store.ts';
import type { FileAccess } from './file-access.ts';
import { type CompleteFile, isComplete } from './models.ts';
import { storeFailure } from './store-failure.ts';

export interface FileReader {
  /** A file with bytes, or NOT_FOUND: no such file, none that the viewer may see, or none with bytes yet. */
  getFile(fileId: string, viewer: Identity): Promise<CompleteFile>;
  /** Exactly the bytes asked for: the stream fails rather than give fewer or others. */
  getBytes(file: CompleteFile, range: ByteRange | undefined): Promise<Readable>;
}

export function createFileReader(access: FileAccess, bytes: ByteStore, log: Logger): FileReader {
  return {
    async getFile(fileId, viewer) {
      const [file] = await access.findVisible([fileId], viewer);
      if (!file || !isComplete(file)) throw notFound('File');
      return file;
    },
    async getBytes(file, range) {
      const length = range === undefined ? Number(file.size) : range.end - range.start + 1;
      try {
        return Readable.from(exactly(await bytes.get(file.storeKey, range), length), { objectMode: false });
      } catch (error) {
        throw storeFailure(error, log);
      }
    },
  };
}

/** A receiver was told the length: it would wait for what is missing, and take what is too much for the next answer. */
async function* exactly(stream: Readable, length: number): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    left -= chunk.length;
    invariant(left >= 0, 'a store gives no more bytes than asked for');
    yield chunk;
  }
  invariant(left === 0, 'a store gives all bytes asked for');
}
