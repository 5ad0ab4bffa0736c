// Objects of the store of bytes in one tar archive, an entry each, named by its key. Streams: no object is in memory.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { isId } from '../../platform/ids.ts';
import { StartError } from '../../platform/start-error.ts';
import { type ByteStore, MissingBytes } from '../../subgraphs/files/byte-store.ts';

export interface PackedBytes {
  readonly archive: Readable;
  /** Known once the archive has been read to its end. */
  objects(): number;
  /** Keys that the store does not have; the same holds. */
  absent(): readonly string[];
}

export function packBytes(bytes: ByteStore, keys: AsyncIterable<string>): PackedBytes {
  const pack = tar.pack();
  const absent: string[] = [];
  let objects = 0;
  const fill = async () => {
    for await (const key of keys) {
      if (await packObject(pack, bytes, key)) objects += 1;
      else absent.push(key);
    }
    pack.finalize();
  };
  fill().catch((error: Error) => pack.destroy(error));
  return { archive: Readable.from(pack, { objectMode: false }), objects: () => objects, absent: () => absent };
}

async function packObject(pack: tar.Pack, bytes: ByteStore, key: string): Promise<boolean> {
  const size = await bytes.size(key);
  if (size === undefined) return false;
  let content: Readable;
  try {
    content = await bytes.get(key);
  } catch (error) {
    if (error instanceof MissingBytes) return false;
    throw error;
  }
  await pipeline(content, pack.entry({ name: key, size }));
  return true;
}

/** Puts each object of the archive into the store; how many. */
export async function unpackBytes(file: string, bytes: ByteStore): Promise<number> {
  const extract = tar.extract();
  const reading = pipeline(createReadStream(file), extract);
  // Told of by the loop, which ends with it.
  reading.catch(() => undefined);
  let objects = 0;
  for await (const entry of extract) {
    const { name } = entry.header;
    if (!isId(name)) throw new StartError(`The backup is damaged: ${name} is no key of stored bytes.`);
    await bytes.put(name, Readable.from(entry, { objectMode: false }));
    objects += 1;
  }
  await reading;
  return objects;
}
