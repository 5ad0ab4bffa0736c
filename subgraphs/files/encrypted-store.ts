// Bytes in a store so that nobody can read or change them there: encrypted in authenticated chunks, of which a read
// fetches only those it needs. A chunk that is not the one which was written is refused before a byte of it leaves.
import { Readable } from 'node:stream';
import { decrypt, encrypt, encryptionOverhead } from '../../platform/authenticated-encryption.ts';
import { invariant } from '../../platform/errors.ts';
import { idBytes } from '../../platform/ids.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';
import type { ByteRange, ByteStore } from './byte-store.ts';
import { DamagedBytes } from './damaged-bytes.ts';
import { startedStream } from './started-stream.ts';

export interface StoredBytes {
  /** Undefined: they were stored before there was encryption. */
  readonly key: Buffer | undefined;
  /** How many there are, before encryption. */
  readonly size: number;
  /** All of them unless told; inside of `size`. */
  readonly range?: ByteRange | undefined;
}

export interface EncryptedStore {
  /** As ByteStore.put: all or nothing. A key of the store is used once, for any bytes. */
  put(storeKey: string, plain: Readable, key: Buffer): Promise<void>;
  /**
   * Exactly the bytes asked for. Resolves when the first chunk has proved to be right; rejects, or fails the stream
   * later, with DamagedBytes. Not everything is proved of what was stored without encryption: only its length.
   */
  get(storeKey: string, stored: StoredBytes): Promise<Readable>;
  delete(storeKey: string): Promise<void>;
}

/** Stands before everything encrypted, so that another way can be told apart one day. */
const magic = Buffer.from('caregrf1');
const chunkBytes = 64 * 1024;
const storedChunkBytes = chunkBytes + encryptionOverhead;

/** How many bytes the store keeps for so many. */
export function encryptedSize(size: number): number {
  return magic.length + size + Math.max(1, Math.ceil(size / chunkBytes)) * encryptionOverhead;
}

export function createEncryptedStore(bytes: ByteStore): EncryptedStore {
  return {
    async put(storeKey, plain, key) {
      const stored = Readable.from(encrypted(plain, storeKey, key), { objectMode: false });
      try {
        await bytes.put(storeKey, stored);
      } finally {
        stored.destroy();
      }
    },

    async get(storeKey, { key, size, range = { start: 0, end: size - 1 } }) {
      invariant(range.start >= 0 && range.end < size && range.start <= range.end + 1, 'a range lies inside');
      const wanted = { storeKey, size, range };
      return startedStream(key === undefined ? unencrypted(bytes, wanted) : decrypted(bytes, wanted, key));
    },

    delete: (storeKey) => bytes.delete(storeKey),
  };
}

interface WantedBytes {
  readonly storeKey: string;
  readonly size: number;
  readonly range: ByteRange;
}

async function* encrypted(plain: Readable, storeKey: string, key: Buffer): AsyncGenerator<Buffer> {
  yield magic;
  const gathered = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  let index = 0;
  for await (const piece of plain as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < piece.length; ) {
      // Whether a full chunk is the last one shows when another byte comes.
      if (filled === chunkBytes) {
        yield encrypt(gathered, key, chunkContext(storeKey, index, false));
        filled = 0;
        index += 1;
      }
      const part = piece.subarray(at, at + chunkBytes - filled);
      gathered.set(part, filled);
      filled += part.length;
      at += part.length;
    }
  }
  yield encrypt(gathered.subarray(0, filled), key, chunkContext(storeKey, index, true));
}

async function* decrypted(bytes: ByteStore, wanted: WantedBytes, key: Buffer): AsyncGenerator<Buffer> {
  const { storeKey, size, range } = wanted;
  const lastOfAll = Math.max(0, Math.ceil(size / chunkBytes) - 1);
  const first = Math.floor(range.start / chunkBytes);
  const last = Math.max(first, Math.floor(range.end / chunkBytes));
  const stored = await readerOf(bytes, storeKey, {
    start: first === 0 ? 0 : magic.length + first * storedChunkBytes,
    // One byte beyond the end shows whether something was added.
    end: last === lastOfAll ? encryptedSize(size) : magic.length + (last + 1) * storedChunkBytes - 1,
  });
  try {
    if (first === 0 && !magic.equals(await stored.read(magic.length)))
      throw new DamagedBytes(storeKey, 'the beginning');
    for (let index = first; index <= last; index += 1) {
      const start = index * chunkBytes;
      const isLast = index === lastOfAll;
      const chunk = await stored.read(Math.min(chunkBytes, size - start) + encryptionOverhead);
      if (isLast && !(await stored.isAtEnd())) throw new DamagedBytes(storeKey, 'the end');
      const plain = opened(chunk, key, { storeKey, index, isLast });
      if (plain.length < Math.min(chunkBytes, size - start)) throw new DamagedBytes(storeKey, 'its size');
      yield plain.subarray(Math.max(0, range.start - start), range.end - start + 1);
    }
  } finally {
    stored.close();
  }
}

interface ChunkPlace {
  readonly storeKey: string;
  readonly index: number;
  readonly isLast: boolean;
}

function opened(chunk: Buffer, key: Buffer, { storeKey, index, isLast }: ChunkPlace): Buffer {
  try {
    return decrypt(chunk, key, chunkContext(storeKey, index, isLast));
  } catch (error) {
    throw new DamagedBytes(storeKey, `chunk ${index}`, { cause: error });
  }
}

/** What a chunk is bound to: its object, its place in it, and whether another one follows. */
function chunkContext(storeKey: string, index: number, isLast: boolean): Buffer {
  const context = Buffer.alloc(21);
  context.set(idBytes(storeKey));
  context.writeUInt32BE(index, 16);
  context.writeUInt8(isLast ? 1 : 0, 20);
  return context;
}

async function* unencrypted(bytes: ByteStore, { storeKey, size, range }: WantedBytes): AsyncGenerator<Buffer> {
  const toTheEnd = range.end === size - 1;
  const stored = await readerOf(bytes, storeKey, { start: range.start, end: toTheEnd ? size : range.end });
  try {
    for (let left = range.end - range.start + 1; left > 0; ) {
      const piece = await stored.read(Math.min(left, chunkBytes));
      if (piece.length === 0) throw new DamagedBytes(storeKey, 'the end');
      left -= piece.length;
      if (left === 0 && toTheEnd && !(await stored.isAtEnd())) throw new DamagedBytes(storeKey, 'the end');
      yield Buffer.from(piece);
    }
  } finally {
    stored.close();
  }
}

async function readerOf(bytes: ByteStore, storeKey: string, range: ByteRange): Promise<ByteReader> {
  return createByteReader(await bytes.get(storeKey, range));
}
