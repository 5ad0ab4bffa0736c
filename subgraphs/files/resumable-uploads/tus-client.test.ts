// A real TUS client over connections that break anywhere, with the bytes in real stores: the file is what it sent.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Upload, type UploadOptions } from 'tus-js-client';
import { type S3Server, startS3 } from '../../../operations/servers/s3.ts';
import { type CuttingProxy, startCuttingProxy } from '../../../tests/support/cutting-proxy.ts';
import { sha256, withToken } from '../../../tests/support/file-client.ts';
import { type FileService, type Person, startFileService } from '../../../tests/support/file-service.ts';

let files: FileService;
let proxy: CuttingProxy;
let pat: Person;

function send(bytes: Buffer, options: UploadOptions): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const upload: Upload = new Upload(bytes, {
      retryDelays: Array.from({ length: 50 }, () => 10),
      onSuccess: () => resolve(upload),
      onError: reject,
      ...options,
    });
    upload.start();
  });
}

async function stored(id: string): Promise<Buffer> {
  const response = await fetch((await files.downloadUrl(pat, id)).replace(proxy.url, files.url));
  return Buffer.from(await response.arrayBuffer());
}

const upload = fc.record({
  size: fc.integer({ min: 1, max: 2_000_000 }),
  cuts: fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 8 }),
  chunkSize: fc.constantFrom(Number.POSITIVE_INFINITY, 300_000),
});

/** S3 gets what arrives before the cut in several parts. */
const longUpload = { size: 12_000_000, cuts: [8_000_000, 8_000_000], chunkSize: Number.POSITIVE_INFINITY };

describe.each([
  { store: 'disk', runs: 12 },
  { store: 'S3', runs: 6 },
])('on $store', ({ store, runs }) => {
  let s3: S3Server | undefined;

  beforeAll(async () => {
    s3 = store === 'S3' ? await startS3() : undefined;
    proxy = await startCuttingProxy(() => files.url);
    // All URLs that the service gives lead through the proxy.
    files = await startFileService({ environment: { PUBLIC_URL: proxy.url, ...s3?.environment } });
    pat = files.know({ userId: randomUUID() });
  });
  afterAll(async () => {
    await proxy.close();
    await files.close();
    await s3?.stop();
  });

  test.each(['by POST', 'to the URL of a file', 'to the URL of a file, without a length'])(
    'an upload %s that is cut anywhere is whole in the end',
    async (how) => {
      await fc.assert(
        fc.asyncProperty(upload, async ({ size, cuts, chunkSize }) => {
          const bytes = randomBytes(size);
          proxy.cutAfter(cuts);
          let id: string | undefined;
          if (how === 'by POST') {
            const endpoint = `${proxy.url}/files/uploads`;
            const metadata = { filename: 'trace.ecg', filetype: 'application/octet-stream' };
            const { url } = await send(bytes, { endpoint, metadata, chunkSize, headers: withToken(pat) });
            id = new URL(url ?? '').pathname.split('/').at(-1);
          } else {
            const created = await files.createFile(pat);
            id = created.id;
            const uploadUrl = created.resumableUploadUrl;
            const length = how.endsWith('length')
              ? { uploadLengthDeferred: true }
              : { headers: { 'upload-length': `${size}` } };
            await send(bytes, { uploadUrl, chunkSize, ...length });
          }
          expect(await files.file(pat, id ?? '')).toMatchObject({ size, sha256: sha256(bytes) });
          expect((await stored(id ?? '')).equals(bytes)).toBe(true);
        }),
        { numRuns: runs, examples: [[longUpload]] },
      );
      expect(proxy.cuts()).toBeGreaterThan(0);
    },
    300_000,
  );

  test('an upload that the user aborts is ended', async () => {
    const bytes = randomBytes(1_000_000);
    const { id, resumableUploadUrl } = await files.createFile(pat);
    proxy.cutAfter([]);
    const aborted = new Promise<void>((resolve, reject) => {
      const upload = new Upload(bytes, {
        uploadUrl: resumableUploadUrl,
        headers: { 'upload-length': '1000000' },
        chunkSize: 100_000,
        onError: reject,
        onChunkComplete: (_size, accepted) => {
          if (accepted >= 300_000) upload.abort(true).then(resolve, reject);
        },
      });
      upload.start();
    });
    await aborted;
    const asked = await fetch(resumableUploadUrl.replace(proxy.url, files.url), {
      method: 'HEAD',
      headers: { 'tus-resumable': '1.0.0' },
    });
    expect(asked.headers.get('upload-offset')).toBe('0');
    expect(await files.file(pat, id)).toMatchObject({ size: null });
  });
});
