// A stream whose first bytes are known to be good: what can go wrong at the beginning is told before there is a stream.
import { Readable } from 'node:stream';

/** Rejects as the chunks do before the first of them. Ending the stream ends the chunks, also when nothing was read. */
export async function startedStream(chunks: AsyncGenerator<Buffer>): Promise<Readable> {
  let first: IteratorResult<Buffer> | undefined = await chunks.next();
  const all: AsyncIterableIterator<Buffer> = {
    async next() {
      const known = first;
      first = undefined;
      return known ?? chunks.next();
    },
    return: () => chunks.return(undefined),
    [Symbol.asyncIterator]: () => all,
  };
  return Readable.from(all, { objectMode: false });
}
