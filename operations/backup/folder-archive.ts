// A folder in one tar archive, empty folders too, and back.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { StartError } from '../../platform/start-error.ts';

/** Nobody may change the folder meanwhile. */
export function packFolder(folder: string): Readable {
  const pack = tar.pack();
  const fill = async () => {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path);
      if (entry.isDirectory()) pack.entry({ name, type: 'directory', mode: 0o700 });
      if (!entry.isFile()) continue;
      const { size } = await stat(path);
      await pipeline(createReadStream(path), pack.entry({ name, size, mode: 0o600 }));
    }
    pack.finalize();
  };
  fill().catch((error: Error) => pack.destroy(error));
  return Readable.from(pack, { objectMode: false });
}

/** Into a new folder; each file is on the disk when it resolves. */
export async function unpackFolder(file: string, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const extract = tar.extract();
  const reading = pipeline(createReadStream(file), extract);
  // Told of by the loop, which ends with it.
  reading.catch(() => undefined);
  for await (const entry of extract) {
    const { name, type } = entry.header;
    const path = join(folder, name);
    if (!path.startsWith(join(folder, '/'))) throw new StartError(`The backup is damaged: ${name} leads elsewhere.`);
    await mkdir(type === 'directory' ? path : dirname(path), { recursive: true, mode: 0o700 });
    if (type === 'directory') entry.resume();
    else await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  }
  await reading;
}
