// Counts, hashes and checks bytes while they pass, and fails their stream when they are not what was announced: so a
// store, which keeps whole streams only, never keeps them.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppError } from '../../platform/errors.ts';
import { createContentTypeCheck } from './content-type-check.ts';
import { tooLarge } from './upload-limits.ts';

/** What the sender says of the bytes. */
export interface AnnouncedBytes {
  /** Exactly so many, if that was announced. */
  readonly length?: number | undefined;
  /** SHA-256 of the bytes in hexadecimal, if that was announced. */
  readonly sha256?: string | undefined;
}

export interface ExpectedBytes extends AnnouncedBytes {
  /** At most so many. */
  readonly most: number;
  /** The media type that the first bytes must be of. */
  readonly mimeType: string;
}

export interface MeasuredBytes {
  readonly stream: Readable;
  /** Known when the stream has ended. */
  measure(): { readonly size: number; readonly sha256: string };
}

export function measuredBytes(source: AsyncIterable<Uint8Array>, expected: ExpectedBytes): MeasuredBytes {
  const hash = createHash('sha256');
  const content = createContentTypeCheck(expected.mimeType);
  let size = 0;
  let sha256 = '';

  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > expected.most) throw tooLarge(expected.most);
      await content.pass(chunk);
      hash.update(chunk);
      yield chunk;
    }
    sha256 = hash.digest('hex');
    requireAnnounced(expected, { size, sha256 });
    await content.end();
  }

  return { stream: Readable.from(passing(), { objectMode: false }), measure: () => ({ size, sha256 }) };
}

function requireAnnounced(announced: AnnouncedBytes, { size, sha256 }: { size: number; sha256: string }): void {
  if (announced.length !== undefined && announced.length !== size) {
    throw new AppError('BAD_REQUEST', `${announced.length} bytes were announced, ${size} came.`);
  }
  if (announced.sha256 !== undefined && announced.sha256 !== sha256) {
    throw new AppError('BAD_REQUEST', 'The bytes that came do not have the SHA-256 that was announced.');
  }
}
