// Images for tests: good ones, and ones that are not what they say.
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The left half red, the right half blue. */
export function image(format: ImageFormat, { width, height }: Size = { width: 400, height: 200 }): Promise<Buffer> {
  return halves({ width, height }).toFormat(format).toBuffer();
}

/** Lies on its side, as a camera held upright writes it, with words about who took it and a profile of colours. */
export function sidewaysPhoto({ width, height }: Size): Promise<Buffer> {
  return halves({ width, height })
    .withMetadata({ orientation: 6, icc: 'p3', exif: { IFD0: { Artist: 'Pat Secret', Copyright: 'at home' } } })
    .jpeg()
    .toBuffer();
}

/** Two frames of 40 by 40 pixels, one red, one blue. */
export async function animation(): Promise<Buffer> {
  const frame = (background: string) =>
    sharp({ create: { width: 40, height: 40, channels: 3, background } })
      .png()
      .toBuffer();
  return sharp([await frame('red'), await frame('blue')], { join: { animated: true } })
    .gif({ delay: [100, 100], loop: 0 })
    .toBuffer();
}

/** A black PNG of one bit a pixel whose header tells this size. It has so many rows of pixels, all that it needs unless told. */
export function blackPng({ width, height }: Size, rows = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc(rows * (1 + Math.ceil(width / 8))));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The average colour of a part of an image: red, green and blue, 0 to 255. */
export async function colourOf(bytes: Uint8Array, part: Size & { readonly left: number; readonly top: number }) {
  const { channels } = await sharp(await sharp(bytes).extract(part).png().toBuffer()).stats();
  return channels.slice(0, 3).map(({ mean }) => Math.round(mean));
}

function halves({ width, height }: Size): Sharp {
  const half = { width: Math.ceil(width / 2), height, channels: 3 as const, background: 'red' };
  return sharp({ create: { width, height, channels: 3, background: 'blue' } }).composite([
    { input: { create: half }, left: 0, top: 0 },
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type), data]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
