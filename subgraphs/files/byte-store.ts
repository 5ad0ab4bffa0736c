// What every store of bytes promises. A store knows keys and bytes; it knows nothing of files, users and access.
import type { Readable } from 'node:stream';

/** Positions of bytes, from 0, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface StoredObject {
  readonly key: string;
  /** When it was put. */
  readonly storedAt: Date;
}

/** Keys are made by us, never taken from clients, and used once: what stands under a key never changes. */
export interface ByteStore {
  /**
   * Keeps the whole stream, or nothing when the stream or the store fails. Rejects with the stream's error if that was
   * the cause. Holds no more than a few chunks (or parts) in memory.
   */
  put(key: string, bytes: Readable): Promise<void>;
  /**
   * Resolves once bytes can be read; rejects with MissingBytes when there are none. What of a range lies beyond the end
   * is left out. Destroying the stream ends the read.
   */
  get(key: string, range?: ByteRange): Promise<Readable>;
  /** Nothing under the key is as good as deleted. */
  delete(key: string): Promise<void>;
  /** The number of bytes, or undefined when there are none. */
  size(key: string): Promise<number | undefined>;
  /** All that is kept, page by page, in no order. What is put or deleted meanwhile may be there or not. */
  list(): AsyncIterable<readonly StoredObject[]>;
  /** Removes what uploads left behind that a crash cut off before that moment. */
  removeLeftovers(before: Date): Promise<void>;
  /** Rejects when the store cannot be used. */
  ping(): Promise<void>;
  close(): void;
}

/** A key without bytes: where a row says that there are some, they were lost. */
export class MissingBytes extends Error {
  override readonly name = 'MissingBytes';

  constructor(key: string, options?: ErrorOptions) {
    super(`The store has no bytes under ${key}`, options);
  }
}
