// Counts and hashes bytes while they pass, and fails their stream when they are not what was announced: so a store,
// which keeps whole streams only, never keeps them.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppError } from '../../platform/errors.ts';

export interface ExpectedBytes {
  /** At most so many. */
  readonly most: number;
  /** Exactly so many, if that was announced. */
  readonly length?: number | undefined;
  /** SHA-256 of the bytes in hexadecimal, if that was announced. */
  readonly sha256?: string | undefined;
}

export interface MeasuredBytes {
  readonly stream: Readable;
  /** Known when the stream has ended. */
  measure(): { readonly size: number; readonly sha256: string };
}

export function measuredBytes(source: AsyncIterable<Uint8Array>, expected: ExpectedBytes): MeasuredBytes {
  const hash = createHash('sha256');
  let size = 0;
  let sha256 = '';

  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > expected.most) throw tooLarge(expected.most);
      hash.update(chunk);
      yield chunk;
    }
    sha256 = hash.digest('hex');
    if (expected.length !== undefined && expected.length !== size) {
      throw new AppError('BAD_REQUEST', `${expected.length} bytes were announced, ${size} came.`);
    }
    if (expected.sha256 !== undefined && expected.sha256 !== sha256) {
      throw new AppError('BAD_REQUEST', 'The bytes that came do not have the SHA-256 that was announced.');
    }
  }

  return { stream: Readable.from(passing(), { objectMode: false }), measure: () => ({ size, sha256 }) };
}

/** FILE_TOO_LARGE with the limit. */
export function tooLarge(most: number): AppError {
  return new AppError('FILE_TOO_LARGE', `The file is larger than allowed: at most ${most} bytes.`, {
    code: 2610,
    most,
  });
}
