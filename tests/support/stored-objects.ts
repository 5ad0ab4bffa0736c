// What a file service keeps on its disk, and what may happen to it there.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markerKey } from '../../subgraphs/files/store-marker.ts';
import type { FileService } from './file-service.ts';

export interface StoredObject {
  /** In the store. */
  readonly key: string;
  readonly path: string;
}

/** All objects that hold bytes of files or pictures. */
export async function storedObjects({ dataDir }: Pick<FileService, 'dataDir'>): Promise<StoredObject[]> {
  const entries = await readdir(join(dataDir, 'files'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== markerKey)
    .map((entry) => ({ key: entry.name, path: join(entry.parentPath, entry.name) }));
}

/** Changes the last byte; the function that is answered changes it back. */
export async function damage({ path }: StoredObject): Promise<() => Promise<void>> {
  const bytes = await readFile(path);
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(damaged.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  await writeFile(path, damaged);
  return () => writeFile(path, bytes);
}
