// Downloads as a client makes them, over real HTTP: whole, in part, or not at all.
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readlink, rm, truncate } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startS3 } from '../../operations/servers/s3.ts';
import { eventually, withToken } from '../../tests/support/file-client.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { storedObjects } from '../../tests/support/stored-objects.ts';
import { createFileGrants } from './file-grants.ts';

let files: FileService;
let pat: Person;
/** A clock that tests can move. */
let ahead = 0;

beforeAll(async () => {
  files = await startFileService({ now: () => Date.now() + ahead });
  pat = files.know({ userId: randomUUID() });
});
afterAll(() => files.close());

const get = (id: string, person: Person, headers: Record<string, string> = {}) =>
  fetch(`${files.url}/files/${id}`, { headers: { ...withToken(person), ...headers } });

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

/** The whole answer, so that two can be compared. */
async function refusal(response: Response | Promise<Response>): Promise<{ status: number; body: string }> {
  const answer = await response;
  return { status: answer.status, body: await answer.text() };
}

describe('who may download', () => {
  test('nobody without a proof, or with one for something else', async () => {
    const { id, uploadUrl } = await files.uploadedFile(pat, randomBytes(10));
    const other = await files.uploadedFile(pat, randomBytes(10));
    const forgers = createFileGrants('another secret, that is as long as the real one', () => Date.now());
    const at = `${files.url}/files/${id}`;
    const attempts = {
      'no proof': fetch(at),
      'an unknown token': fetch(at, { headers: { authorization: 'Bearer guess' } }),
      'a forged grant': fetch(`${at}?grant=${await forgers.issue(pat.userId, { fileId: id, operation: 'get' })}`),
      'an upload grant': fetch(uploadUrl),
      "another file's grant": fetch((await files.downloadUrl(pat, other.id)).replace(other.id, id)),
    };
    for (const [attempt, response] of Object.entries(attempts)) {
      const { status, body } = await refusal(response);
      expect([attempt, status, JSON.parse(body).errors[0].extensions]).toMatchObject([
        attempt,
        401,
        { code: 'UNAUTHENTICATED' },
      ]);
    }
  });

  test('nobody after the 5 minutes for which the URL is good', async () => {
    const { id } = await files.uploadedFile(pat, randomBytes(10));
    const url = await files.downloadUrl(pat, id);
    ahead = 301_000;
    expect((await fetch(url)).status).toBe(401);
    ahead = 0;
    expect((await fetch(url)).status).toBe(200);
  });

  test('nobody before the bytes have arrived, and who sees the file is told so', async () => {
    const { id } = await files.createFile(pat);
    const stranger = files.know({ userId: randomUUID() });
    const { status, body } = await refusal(get(id, pat));
    expect([status, JSON.parse(body).errors[0].extensions]).toEqual([
      409,
      { code: 'ILLEGAL_STATE', details: { status: 'AWAITING_BYTES' } },
    ]);
    expect((await get(id, stranger)).status).toBe(404);
  });

  test('not who does not see the file: it is like one that is not there', async () => {
    const { id } = await files.uploadedFile(pat, randomBytes(10));
    const stranger = files.know({ userId: randomUUID() });
    const unseen = await refusal(get(id, stranger));
    expect(unseen.status).toBe(404);
    expect(await refusal(get(randomUUID(), stranger))).toEqual(unseen);
    expect(await refusal(get('no-id', stranger))).toEqual(unseen);
  });

  test('who may see every file, until that right ends: a URL gives no more than its owner has', async () => {
    const { id } = await files.uploadedFile(pat, randomBytes(10));
    const auditor = files.know({ userId: randomUUID(), permissions: ['VIEW_FILES'] });
    const url = await files.downloadUrl(auditor, id);
    expect((await fetch(url)).status).toBe(200);
    files.know({ userId: auditor.userId });
    expect((await fetch(url)).status).toBe(404);
  });

  test('a good URL works whatever else the client sends along', async () => {
    const { id } = await files.uploadedFile(pat, Buffer.from('x'));
    const response = await fetch(await files.downloadUrl(pat, id), { headers: { authorization: 'Bearer old' } });
    expect(await response.text()).toBe('x');
  });
});

describe('a download', () => {
  test('is saved, not shown, under the name of the file', async () => {
    const name = 'Größe "10%"; é 心電図 🫀\'*.html';
    const { id } = await files.uploadedFile(pat, randomBytes(10), { name, mimeType: 'text/html; charset=utf-8' });
    const { headers } = await get(id, pat);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('cache-control')).toBe('private, no-cache');
    const [, encoded] = /^attachment; filename="[^"\\]+"; filename\*=UTF-8''([\w%.~!#$&+^`|-]+)$/.exec(
      headers.get('content-disposition') ?? '',
    ) ?? ['', ''];
    expect(decodeURIComponent(encoded ?? '')).toBe(name);
  });

  test('is not repeated for who has the bytes already', async () => {
    const { id } = await files.uploadedFile(pat, randomBytes(10));
    const etag = (await get(id, pat)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\da-f]{64}"$/);
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get(id, pat, { 'if-none-match': condition });
      expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await get(id, pat, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('is described without its bytes by HEAD', async () => {
    const { id } = await files.uploadedFile(pat, randomBytes(12_345), { mimeType: 'chemical/x-ecg' });
    const head = (headers: Record<string, string> = {}) =>
      fetch(`${files.url}/files/${id}`, { method: 'HEAD', headers: { ...withToken(pat), ...headers } });
    const response = await head();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': '12345',
      'content-type': 'chemical/x-ecg',
      'accept-ranges': 'bytes',
    });
    const part = await head({ range: 'bytes=0-99' });
    expect([part.status, part.headers.get('content-length')]).toEqual([206, '100']);
  });

  test('of bytes that were lost or cut in the store fails, and tells nothing of where they were', async () => {
    const service = await startFileService();
    const quinn = service.know({ userId: randomUUID() });
    const { id } = await service.uploadedFile(quinn, randomBytes(300_000));
    const path = (await storedObjects(service))[0]?.path ?? '';
    await truncate(path, 200_000);
    await expect(fetch(await service.downloadUrl(quinn, id)).then(bytesOf)).rejects.toThrow();
    await rm(path);
    const { status, body } = await refusal(fetch(await service.downloadUrl(quinn, id)));
    expect(status).toBe(500);
    expect(JSON.parse(body).errors[0].extensions.code).toBe('FILE_DAMAGED');
    expect(body).not.toContain(service.dataDir);
    await service.close();
  });

  test('that the client breaks off lets go of the stored bytes', async () => {
    const service = await startFileService();
    const quinn = service.know({ userId: randomUUID() });
    const { id } = await service.uploadedFile(quinn, randomBytes(20_000_000));
    const path = (await storedObjects(service))[0]?.path ?? '';
    const client = httpRequest(await service.downloadUrl(quinn, id));
    client.on('error', () => {});
    const response = await new Promise<NodeJS.ReadableStream>((resolve) => client.once('response', resolve).end());
    response.once('error', () => {});
    expect(await openTimes(path)).toBe(1);
    client.destroy();
    await eventually(async () => (await openTimes(path)) === 0);
    expect(await openTimes(path)).toBe(0);
    await service.close();
  });
});

describe('a part of a file', () => {
  const bytes = randomBytes(1000);
  let id: string;
  beforeAll(async () => {
    id = (await files.uploadedFile(pat, bytes)).id;
  });
  const part = async (range: string, headers: Record<string, string> = {}) => get(id, pat, { range, ...headers });

  test.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=-0', 'bytes=99999999999999999999-'])(
    'beyond the end is refused: %s',
    async (range) => {
      const response = await part(range);
      expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */1000']);
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect(errors[0]?.extensions.code).toBe('RANGE_NOT_SATISFIABLE');
    },
  );

  test.each(['bytes=9-5', 'bytes=-', 'bytes=a-b', 'bytes=0-5,10-15', 'lines=1-2', '', 'bytes=1.5-2', 'bytes=--5'])(
    'that is not understood, or several at once, is the whole: %s',
    async (range) => {
      const response = await part(range);
      expect(response.status).toBe(200);
      expect((await bytesOf(response)).equals(bytes)).toBe(true);
    },
  );

  test('of nothing is the whole nothing', async () => {
    const empty = await files.uploadedFile(pat, new Uint8Array());
    expect((await get(empty.id, pat, { range: 'bytes=0-10' })).status).toBe(200);
  });

  test('of another version is the whole of this one', async () => {
    const etag = (await get(id, pat)).headers.get('etag') ?? '';
    expect((await part('bytes=0-9', { 'if-range': etag })).status).toBe(206);
    expect((await part('bytes=0-9', { 'if-range': '"other"' })).status).toBe(200);
    expect((await part('bytes=0-9', { 'if-range': new Date().toUTCString() })).status).toBe(200);
  });

  test('is exactly the bytes asked for, whatever they are', async () => {
    const position = fc.integer({ min: 0, max: 1500 });
    const anyRange = fc.oneof(
      fc.record({ first: position, last: position }),
      fc.record({ first: position, last: fc.constant(undefined) }),
      fc.record({ first: fc.constant(undefined), last: position }),
    );
    await fc.assert(
      fc.asyncProperty(anyRange, async ({ first, last }) => {
        const response = await part(`bytes=${first ?? ''}-${last ?? ''}`);
        const expected = expectedPart({ first, last });
        expect(response.status).toBe(expected.status);
        if (expected.status === 416) return;
        const { start, end } = expected;
        expect((await bytesOf(response)).equals(bytes.subarray(start, end + 1))).toBe(true);
        expect(response.headers.get('content-length')).toBe(`${end - start + 1}`);
        expect(response.headers.get('content-range')).toBe(
          expected.status === 206 ? `bytes ${start}-${end}/1000` : null,
        );
      }),
      { numRuns: 150 },
    );
  });

  /** RFC 9110 §14.1.2 in the plainest words. */
  function expectedPart({ first, last }: { first: number | undefined; last: number | undefined }) {
    if (first === undefined) {
      return last === 0
        ? { status: 416, start: 0, end: 0 }
        : { status: 206, start: Math.max(0, 1000 - (last ?? 0)), end: 999 };
    }
    if (last !== undefined && last < first) return { status: 200, start: 0, end: 999 };
    if (first > 999) return { status: 416, start: 0, end: 0 };
    return { status: 206, start: first, end: Math.min(last ?? 999, 999) };
  }
});

test('parts and wholes come from S3 as they come from disk', async () => {
  const s3 = await startS3();
  const service = await startFileService({ environment: s3.environment });
  const quinn = service.know({ userId: randomUUID() });
  const bytes = randomBytes(300_000);
  const { id } = await service.uploadedFile(quinn, bytes);
  const url = await service.downloadUrl(quinn, id);
  expect((await bytesOf(await fetch(url))).equals(bytes)).toBe(true);
  for (const [range, start, end] of [
    ['bytes=10-299998', 10, 299_998],
    ['bytes=-7', 299_993, 299_999],
    ['bytes=299999-', 299_999, 299_999],
  ] as const) {
    const response = await fetch(url, { headers: { range } });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, `bytes ${start}-${end}/300000`]);
    expect((await bytesOf(response)).equals(bytes.subarray(start, end + 1))).toBe(true);
  }
  expect((await fetch(url, { headers: { range: 'bytes=300000-' } })).status).toBe(416);
  await service.close();
  await s3.stop();
});

/** How often this process has the file open. */
async function openTimes(path: string): Promise<number> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link === path).length;
}
