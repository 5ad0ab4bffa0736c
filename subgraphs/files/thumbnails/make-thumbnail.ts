// Makes a small picture of an image: fitting into a box, the right way up, without what the original tells of camera,
// place and people. Images come from anybody, so what they may cost is bounded, and few are worked on at once.
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AppError } from '../../../platform/errors.ts';
import { createWorkQueue } from '../../../platform/work-queue.ts';
import { type ThumbnailBox, thumbnailType } from './thumbnail-box.ts';

/** For the process: an image takes up to 400 MB of memory while it is worked on. */
const queue = createWorkQueue({
  atOnce: 2,
  mostWaiting: 100,
  longestWait: 30_000,
  busy: 'Too many pictures are being made: try again in a moment.',
});

const mostPixels = 100_000_000;
const mostSeconds = 30;
/** The loaders of the types that thumbnails are made of: no other ever reads what somebody uploaded. */
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}Buffer`);

export interface ThumbnailSource {
  /** As the file was declared: one of those that thumbnail-box.ts knows. */
  readonly mimeType: string;
  /** Called when it is this image's turn. */
  open(): Promise<Readable>;
}

/** BAD_REQUEST when the bytes are no such image, or too large a one; SERVICE_UNAVAILABLE when too many are asked for. */
export function makeThumbnail({ mimeType, open }: ThumbnailSource, box: ThumbnailBox): Promise<Buffer> {
  return queue.run(async () => {
    const image = await buffer(await open());
    const sharp = await loadSharp();
    try {
      return await sharp(image, { limitInputPixels: mostPixels, failOn: 'error' })
        .autoOrient()
        .resize({ ...box, fit: 'inside', withoutEnlargement: true })
        .toFormat(thumbnailType(mimeType).format)
        .timeout({ seconds: mostSeconds })
        .toBuffer();
    } catch (cause) {
      throw new AppError(
        'BAD_REQUEST',
        `No picture can be made of this file: it is damaged, no ${mimeType}, or has more than ${mostPixels} pixels.`,
        undefined,
        { cause },
      );
    }
  });
}

let loading: Promise<typeof import('sharp').default> | undefined;

/** It takes tens of megabytes of memory: only where pictures are asked for. */
function loadSharp(): Promise<typeof import('sharp').default> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: loaders });
    return sharp;
  });
  return loading;
}
