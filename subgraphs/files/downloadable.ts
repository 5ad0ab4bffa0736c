// What a download can be of: the bytes of a file, or a small picture made of it. Both answer ranges and conditions alike.
import { Readable } from 'node:stream';
import type { ByteRange } from './byte-store.ts';
import type { NamedBytes } from './content-disposition.ts';
import type { FileContent } from './file-content.ts';
import type { CompleteFile } from './models.ts';
import { requireThumbnailSource, type ThumbnailBox, thumbnailType } from './thumbnails/thumbnail-box.ts';
import type { Thumbnails } from './thumbnails/thumbnails.ts';

export interface Downloadable {
  /** Of what `load` gives, in quotes; known before it is worked for. */
  readonly etag: string;
  load(): Promise<LoadedBytes>;
}

export interface LoadedBytes extends NamedBytes {
  readonly size: number;
  /** In hexadecimal, where it is known. */
  readonly sha256: string | undefined;
  /** Exactly the bytes asked for: the stream fails rather than give fewer or others. */
  open(range: ByteRange | undefined): Promise<Readable>;
}

export interface DownloadSources {
  readonly content: FileContent;
  readonly thumbnails: Thumbnails;
}

/** BAD_REQUEST where a box is given and no pictures can be made of the file. */
export function downloadable(
  file: CompleteFile,
  box: ThumbnailBox | undefined,
  sources: DownloadSources,
): Downloadable {
  if (box !== undefined) return thumbnailOf(file, box, sources.thumbnails);
  const { name, mimeType, sha256 } = file;
  const open = (range: ByteRange | undefined) => sources.content.open(file, range);
  return { etag: `"${sha256}"`, load: async () => ({ name, mimeType, sha256, size: Number(file.size), open }) };
}

function thumbnailOf(file: CompleteFile, box: ThumbnailBox, thumbnails: Thumbnails): Downloadable {
  requireThumbnailSource(file);
  const { mimeType, extension } = thumbnailType(file.mimeType);
  return {
    etag: `"${file.sha256}-${box.width}x${box.height}"`,
    async load() {
      const picture = await thumbnails.get(file, box);
      return {
        name: `${file.name.replace(/\.[^.]*$/, '')}.${extension}`,
        mimeType,
        sha256: undefined,
        size: picture.length,
        open: async (range = { start: 0, end: picture.length - 1 }) =>
          Readable.from([picture.subarray(range.start, range.end + 1)], { objectMode: false }),
      };
    },
  };
}
