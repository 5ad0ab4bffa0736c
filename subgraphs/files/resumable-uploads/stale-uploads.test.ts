// A request that went on with an upload which was dropped meanwhile, and begun anew: nothing of it gets into the new one.
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sha256 } from '../../../tests/support/file-client.ts';
import { type UploadBench, uploadBench } from '../../../tests/support/upload-bench.ts';

let bench: UploadBench;
beforeAll(async () => {
  bench = await uploadBench({ store: 'disk', now: Date.now });
});
afterAll(() => bench.close());

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Bytes that come only after this was done. */
async function* after(act: () => Promise<unknown>, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await act();
  yield bytes;
}

test('bytes for an upload that was dropped do not get into the one that stands at the same place now', async () => {
  const file = await bench.createFile();
  const [old, anew] = [randomBytes(4_000), randomBytes(4_000)];
  const resumable = bench.resumable();
  await resumable.append(file, 0, once(old.subarray(0, 2_000)));
  const beginAnew = async () => {
    await bench.resumable().end(file);
    await bench.resumable().append(file, 0, once(anew.subarray(0, 2_000)));
  };
  const stale = resumable.append(file, 2_000, after(beginAnew, old.subarray(2_000)));
  await expect(stale).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await bench.resumable().find(file)).toMatchObject({ offset: 2_000 });
  await bench.resumable().declareLength(file, 4_000);
  await bench.resumable().append(file, 2_000, once(anew.subarray(2_000)));
  const row = await bench.row(file.id);
  expect(row.sha256).toBe(sha256(anew));
  expect((await buffer(await bench.content.open(row))).equals(anew)).toBe(true);
});

test('content of another type ends the upload that it came for, and no other', async () => {
  const file = await bench.createFile({ mimeType: 'image/png' });
  const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(5_000)]);
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  await bench.resumable().append(file, 0, once(gif.subarray(0, 10)));
  const beginAnew = async () => {
    await bench.resumable().end(file);
    await bench.resumable().append(file, 0, once(png));
  };
  const stale = bench.resumable().append(file, 10, after(beginAnew, gif.subarray(10)));
  await expect(stale).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(await bench.resumable().find(file)).toMatchObject({ offset: png.length });
});

test('a length below what has arrived is refused', async () => {
  const file = await bench.createFile();
  await bench.resumable().append(file, 0, once(randomBytes(100)));
  await expect(bench.resumable().declareLength(file, 99)).rejects.toMatchObject({ code: 'ILLEGAL_STATE' });
  await bench.resumable().declareLength(file, 100);
});
