// The bytes of a file out of its segments, whole or in part: exactly those asked for, or an error.
import type { Readable } from 'node:stream';
import { notFound } from '../../platform/errors.ts';
import type { ByteRange } from './byte-store.ts';
import { DamagedBytes } from './damaged-bytes.ts';
import type { EncryptedStore } from './encrypted-store.ts';
import type { MasterKeys } from './master-keys.ts';
import type { CompleteFile } from './models.ts';
import type { Segment, SegmentStore } from './segment-store.ts';
import { startedStream } from './started-stream.ts';

export interface FileContent {
  /**
   * Resolves when the first of the bytes have proved to be right. NOT_FOUND when the file has just been deleted;
   * DamagedBytes, MissingBytes and MissingMasterKey when it cannot be read, or as the stream's error later.
   */
  open(file: Pick<CompleteFile, 'id' | 'size'>, range?: ByteRange): Promise<Readable>;
}

export interface FileContentParts {
  readonly segmentsOf: SegmentStore['findSegments'];
  readonly bytes: EncryptedStore;
  readonly masterKeys: MasterKeys;
}

export function createFileContent({ segmentsOf, bytes, masterKeys }: FileContentParts): FileContent {
  return {
    async open({ id, size }, range = { start: 0, end: Number(size) - 1 }) {
      const found = await segmentsOf(id);
      if (found === undefined) throw notFound('File');
      const { file, segments } = found;
      // The segments say where a range lies, so they must be all there.
      const there = segments.reduce((sum, segment) => sum + segment.size, 0);
      if (there !== Number(size)) throw new DamagedBytes(id, `of ${size} bytes, its segments have ${there}`);
      return startedStream(joined(partsIn(segments, range), masterKeys.openIfEncrypted(file), bytes));
    },
  };
}

interface SegmentPart extends Segment {
  readonly range: ByteRange;
}

/** The parts of segments that a range covers. Of an empty file, its empty segment is read too: it may be damaged. */
function partsIn(segments: readonly Segment[], { start, end }: ByteRange): SegmentPart[] {
  let offset = 0;
  return segments.flatMap((segment) => {
    const first = Math.max(0, start - offset);
    const last = Math.min(segment.size, end - offset + 1) - 1;
    offset += segment.size;
    const isWanted = first <= last || (start > end && segment.size === 0);
    return isWanted ? [{ ...segment, range: { start: first, end: last } }] : [];
  });
}

async function* joined(
  parts: readonly SegmentPart[],
  key: Buffer | undefined,
  bytes: EncryptedStore,
): AsyncGenerator<Buffer> {
  for (const { storeKey, size, range } of parts) {
    yield* (await bytes.get(storeKey, { key, size, range })) as AsyncIterable<Buffer>;
  }
}
