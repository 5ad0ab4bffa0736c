// Takes a stream in portions of known size, however its bytes arrive.
import type { Readable } from 'node:stream';

export interface ByteReader {
  /** So many bytes; fewer at the end only. They are good until the next call. */
  read(size: number): Promise<Buffer>;
  isAtEnd(): Promise<boolean>;
  close(): void;
}

export function createByteReader(stream: Readable): ByteReader {
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  let gathered = Buffer.alloc(0);
  let rest: Buffer | undefined = Buffer.alloc(0);

  /** Bytes that have arrived and were not read; undefined at the end. */
  async function arrived(): Promise<Buffer | undefined> {
    while (rest?.length === 0) {
      const next = await pieces.next();
      rest = next.done ? undefined : next.value;
    }
    return rest;
  }

  return {
    async read(size) {
      if (gathered.length < size) gathered = Buffer.allocUnsafe(size);
      let filled = 0;
      while (filled < size) {
        const piece = await arrived();
        if (piece === undefined) break;
        const part = piece.subarray(0, size - filled);
        gathered.set(part, filled);
        filled += part.length;
        rest = piece.subarray(part.length);
      }
      return gathered.subarray(0, filled);
    },
    isAtEnd: async () => (await arrived()) === undefined,
    // An error that comes after that is nobody's business any more.
    close: () => void stream.on('error', () => {}).destroy(),
  };
}
