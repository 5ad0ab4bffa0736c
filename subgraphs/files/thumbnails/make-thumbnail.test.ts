// Pictures out of images that anybody may have sent.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import {
  animation,
  blackPng,
  colourOf,
  type ImageFormat,
  image,
  sidewaysPhoto,
} from '../../../tests/support/images.ts';
import { makeThumbnail } from './make-thumbnail.ts';

const box = { width: 100, height: 100 };

const make = (bytes: Uint8Array, mimeType: string, wanted = box) =>
  makeThumbnail({ mimeType, open: async () => Readable.from([bytes], { objectMode: false }) }, wanted);

describe('no picture is made', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>';
  test.each([
    ['of noise', async () => randomBytes(5_000)],
    ['of nothing', async () => Buffer.alloc(0)],
    ['of a drawing that calls itself a photo', async () => Buffer.from(svg)],
    [
      'of an image that ends too early',
      async () => (await image('jpeg', { width: 2_000, height: 900 })).subarray(0, 900),
    ],
    ['of more pixels than allowed', async () => blackPng({ width: 10_001, height: 10_000 })],
    [
      'of a header that claims the largest size there is',
      async () => blackPng({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 }, 1),
    ],
    ['of pixels that are not there', async () => blackPng({ width: 5_000, height: 5_000 }, 3)],
  ])('%s', async (_what, bytes) => {
    await expect(make(await bytes(), 'image/png')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('when the bytes cannot be read: that is not the fault of the image', async () => {
    const open = () => Promise.reject(new Error('the store went away'));
    await expect(makeThumbnail({ mimeType: 'image/png', open }, box)).rejects.toThrow('the store went away');
  });

  test('for more people at once than can be served soon', async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let opened = 0;
    const bytes = await image('png', { width: 10, height: 10 });
    const ask = () =>
      makeThumbnail(
        {
          mimeType: 'image/png',
          open: async () => {
            opened += 1;
            await gate;
            return Readable.from([bytes], { objectMode: false });
          },
        },
        box,
      );
    const served = Array.from({ length: 102 }, ask);
    await expect(ask()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(opened).toBe(2);
    go();
    expect(await Promise.all(served)).toHaveLength(102);
  });
});

describe('a picture', () => {
  test.each([
    ['jpeg', 'image/jpeg', 'jpeg'],
    ['jpeg', 'image/jpg', 'jpeg'],
    ['png', 'image/png; charset=binary', 'png'],
    ['webp', 'image/webp', 'webp'],
    ['gif', 'image/gif', 'webp'],
    ['avif', 'image/avif', 'webp'],
    ['tiff', 'image/tiff', 'webp'],
  ] as const)('of %s (%s) is %s and fits into the box', async (format, mimeType, expected) => {
    const made = await make(await image(format as ImageFormat), mimeType);
    expect(await sharp(made).metadata()).toMatchObject({ format: expected, width: 100, height: 50 });
  });

  test('is never larger than the image', async () => {
    const made = await make(await image('png', { width: 30, height: 20 }), 'image/png', {
      width: 2_048,
      height: 2_048,
    });
    expect(await sharp(made).metadata()).toMatchObject({ width: 30, height: 20 });
  });

  test('of an image that is as narrow as can be has still a pixel', async () => {
    const made = await make(await image('png', { width: 4_000, height: 1 }), 'image/png');
    expect(await sharp(made).metadata()).toMatchObject({ width: 100, height: 1 });
  });

  test('stands upright, and tells nothing of who took it', async () => {
    const photo = await sidewaysPhoto({ width: 400, height: 200 });
    expect(photo.includes('Pat Secret')).toBe(true);
    const made = await make(photo, 'image/jpeg');
    const { width, height, exif, icc, orientation } = await sharp(made).metadata();
    expect({ width, height, exif, icc, orientation }).toEqual({ width: 50, height: 100 });
    expect(made.includes('Pat Secret')).toBe(false);
    // What was left is on top now.
    const [red = 0, , blue = 0] = await colourOf(made, { left: 5, top: 5, width: 40, height: 30 });
    expect([red > 200, blue < 60]).toEqual([true, true]);
  });

  test('of a moving image is its first frame', async () => {
    const moving = await animation();
    expect((await sharp(moving, { animated: true }).metadata()).pages).toBe(2);
    const made = await make(moving, 'image/gif');
    expect((await sharp(made, { animated: true }).metadata()).pages ?? 1).toBe(1);
    const [red = 0, , blue = 0] = await colourOf(made, { left: 0, top: 0, width: 40, height: 40 });
    expect([red > 200, blue < 60]).toEqual([true, true]);
  });
});
