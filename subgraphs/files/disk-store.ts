// Bytes on this machine's disk. A file is written beside the others under a temporary name, flushed, and renamed into
// place, so that a crash at any moment leaves a whole file or none.
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invariant } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { ByteStore, StoredObject } from './byte-store.ts';
import { MissingBytes } from './byte-store.ts';

const keyShape = /^[\da-z-]{8,64}$/;

export function createDiskStore(folder: string): ByteStore {
  const incoming = join(folder, 'incoming');

  /** Spread over 65,536 folders by the key's last characters: the first ones of ids made one after another are equal. */
  const shardOf = (key: string): string => {
    invariant(keyShape.test(key), 'keys of stored bytes are ids');
    return join(folder, key.slice(-2), key.slice(-4, -2));
  };
  const pathOf = (key: string): string => join(shardOf(key), key);

  return {
    async put(key, bytes) {
      const shard = shardOf(key);
      // Processes that share the folder may write the same mark at the same time.
      const unfinished = join(incoming, newId());
      await makeFolder(incoming);
      try {
        await writeFlushed(unfinished, bytes);
        await makeFolder(shard);
        await rename(unfinished, join(shard, key));
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      await flushFolder(shard);
    },

    async get(key, range) {
      const handle = await openForReading(pathOf(key), key);
      return handle.createReadStream(range === undefined ? {} : { start: range.start, end: range.end });
    },

    async delete(key) {
      await rm(pathOf(key), { force: true });
    },

    async size(key) {
      return (await stat(pathOf(key)).catch(ignoreMissing))?.size;
    },

    async *list() {
      for (const shard of await foldersIn(folder)) {
        for (const innerShard of await foldersIn(join(folder, shard))) {
          yield await objectsIn(join(folder, shard, innerShard));
        }
      }
    },

    async removeLeftovers(before) {
      await makeFolder(incoming);
      for (const name of await readdir(incoming)) {
        const path = join(incoming, name);
        // Another process may share the folder: what it finishes meanwhile is gone from here, and that is fine.
        const age = await stat(path).catch(() => undefined);
        if (age !== undefined && age.mtimeMs < before.getTime()) await rm(path, { force: true });
      }
    },

    async ping() {
      await makeFolder(incoming);
    },

    close() {},
  };
}

/** Those that keys are spread over; there are no others but `incoming`. */
async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(ignoreMissing);
  return (entries ?? []).filter((entry) => entry.isDirectory() && entry.name.length === 2).map(({ name }) => name);
}

async function objectsIn(shard: string): Promise<StoredObject[]> {
  const keys = (await readdir(shard)).filter((name) => keyShape.test(name));
  const objects = keys.map(async (key) => {
    // Somebody may be deleting it.
    const facts = await stat(join(shard, key)).catch(ignoreMissing);
    return facts === undefined ? [] : [{ key, storedAt: facts.mtime }];
  });
  return (await Promise.all(objects)).flat();
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

async function writeFlushed(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeFile(handle, bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A rename is on the disk only when its folder is. */
async function flushFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openForReading(path: string, key: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw isMissing(error) ? new MissingBytes(key, { cause: error }) : error;
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
