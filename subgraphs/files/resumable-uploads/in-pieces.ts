// Cuts bytes that arrive into pieces of a bounded size, each of which streams.

/** Each piece has a byte at least, and must be read to its end before the next one is asked for. */
export async function* inPieces(
  source: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let isAtEnd = false;

  async function arrive(): Promise<void> {
    while (!isAtEnd && rest.length === 0) {
      const next = await chunks.next();
      if (next.done) isAtEnd = true;
      else rest = next.value;
    }
  }

  async function* piece(): AsyncGenerator<Uint8Array> {
    for (let left = most; left > 0 && !isAtEnd; ) {
      const part = rest.subarray(0, left);
      rest = rest.subarray(part.length);
      left -= part.length;
      yield part;
      if (left > 0) await arrive();
    }
  }

  try {
    for (await arrive(); !isAtEnd; await arrive()) yield piece();
  } finally {
    // Not awaited: a read that is still under way would hold it up.
    void Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
}
