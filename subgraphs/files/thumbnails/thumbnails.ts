// Small pictures of files as they are given out: one that is kept, or one that is made now and kept for the next time.
// Who may see the file, and so its pictures, was decided before.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { newId } from '../../../platform/ids.ts';
import type { Logger } from '../../../platform/subgraph/context.ts';
import { MissingBytes } from '../byte-store.ts';
import { DamagedBytes } from '../damaged-bytes.ts';
import type { EncryptedStore } from '../encrypted-store.ts';
import type { FileContent } from '../file-content.ts';
import type { MasterKeys } from '../master-keys.ts';
import type { CompleteFile } from '../models.ts';
import { makeThumbnail } from './make-thumbnail.ts';
import { type ThumbnailBox, thumbnailType } from './thumbnail-box.ts';
import type { KeptThumbnail, ThumbnailStore } from './thumbnail-store.ts';

export interface Thumbnails {
  /** The whole picture. What makeThumbnail refuses, and what `content` cannot read, it rejects with. */
  get(file: CompleteFile, box: ThumbnailBox): Promise<Buffer>;
}

export interface ThumbnailParts {
  readonly store: ThumbnailStore;
  readonly bytes: EncryptedStore;
  readonly content: FileContent;
  readonly masterKeys: MasterKeys;
  readonly log: Logger;
}

export function createThumbnails(parts: ThumbnailParts): Thumbnails {
  /** What is being made: a page that shows a picture many times, or to many people at once, costs it once. */
  const underWay = new Map<string, Promise<Buffer>>();
  return {
    async get(file, box) {
      const id = `${file.id} ${box.width}x${box.height}`;
      const begun = underWay.get(id);
      if (begun !== undefined) return begun;
      const picture = findOrMake(file, box, parts).finally(() => underWay.delete(id));
      underWay.set(id, picture);
      return picture;
    },
  };
}

/** Pictures count for nobody's quota. */
const mostKeptBytes = 1024 * 1024;

async function findOrMake(file: CompleteFile, box: ThumbnailBox, parts: ThumbnailParts): Promise<Buffer> {
  const { mimeType } = file;
  const key = parts.masterKeys.openIfEncrypted(file);
  // What is kept is encrypted; a file that is not yet will be in a while.
  if (key === undefined) return makeThumbnail({ mimeType, open: () => parts.content.open(file) }, box);
  const kept = await parts.store.find(file.id, box);
  const found = kept && (await readKept(kept, key, parts));
  if (found !== undefined) return found;
  const made = await makeThumbnail({ mimeType, open: () => parts.content.open(file) }, box);
  if (made.length > mostKeptBytes) return made;
  // Without it, the picture is only made again the next time.
  await keep({ file, box, made, key }, parts).catch((err: unknown) =>
    parts.log.warn({ err, fileId: file.id }, 'a small picture could not be kept'),
  );
  return made;
}

/** Undefined when it was damaged or lost: a picture can always be made again. */
async function readKept(kept: KeptThumbnail, key: Buffer, { store, bytes, log }: ThumbnailParts) {
  try {
    return await buffer(await bytes.get(kept.storeKey, { key, size: Number(kept.size) }));
  } catch (err) {
    if (!(err instanceof DamagedBytes || err instanceof MissingBytes)) throw err;
    log.error({ err, fileId: kept.fileId }, 'a small picture was damaged or lost; it is made again');
    await store.forget(kept.storeKey);
    return undefined;
  }
}

interface MadeThumbnail {
  readonly file: CompleteFile;
  readonly box: ThumbnailBox;
  readonly made: Buffer;
  readonly key: Buffer;
}

async function keep({ file, box, made, key }: MadeThumbnail, { store, bytes }: ThumbnailParts): Promise<void> {
  const storeKey = newId();
  await bytes.put(storeKey, Readable.from([made], { objectMode: false }), key);
  const { mimeType } = thumbnailType(file.mimeType);
  const isKept = await store.keep({ fileId: file.id, ...box, storeKey, size: BigInt(made.length), mimeType });
  if (!isKept) await bytes.delete(storeKey);
}
