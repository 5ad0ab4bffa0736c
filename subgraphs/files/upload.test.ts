// Uploads as a client makes them, over real HTTP, on each store: what is refused leaves nothing, what is taken is whole.
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type S3Server, startS3 } from '../../operations/servers/s3.ts';
import { digestOf, eventually, put, refusal, sha256 } from '../../tests/support/file-client.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';

const mostBytes = 8 * 1024 * 1024;
let files: FileService;
let s3: S3Server | undefined;
let pat: Person;

/** The keys of all bytes in the store, whole or half. */
async function storedKeys(): Promise<string[]> {
  if (s3 !== undefined) return s3.keys();
  const entries = await readdir(join(files.dataDir, 'files'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
}

/** Sends some bytes of many announced ones and cuts the connection. */
async function cutUpload(url: string, sent: Uint8Array, headers: Record<string, string> = {}): Promise<void> {
  const upload = httpRequest(url, { method: 'PUT', headers });
  upload.on('error', () => {});
  const closed = new Promise((resolve) => upload.once('close', resolve));
  const { arrived, failed } = files.requests;
  upload.write(sent);
  await eventually(async () => files.requests.arrived > arrived);
  await pause(50);
  upload.destroy();
  await closed;
  await eventually(async () => files.requests.failed > failed);
}

describe.each(['disk', 'S3'])('uploads to %s', (kind) => {
  beforeAll(async () => {
    s3 = kind === 'S3' ? await startS3() : undefined;
    files = await startFileService({ environment: { MAX_FILE_BYTES: `${mostBytes}`, ...s3?.environment } });
    pat = files.know({ userId: randomUUID() });
  });
  afterAll(async () => {
    await files.close();
    await s3?.stop();
    s3 = undefined;
  });

  test('larger than allowed are refused by their announced length, before a byte is read', async () => {
    const { uploadUrl } = await files.createFile(pat);
    const before = await storedKeys();
    const upload = httpRequest(uploadUrl, { method: 'PUT', headers: { 'content-length': `${mostBytes + 1}` } });
    upload.on('error', () => {});
    upload.flushHeaders();
    const [response] = await once(upload, 'response');
    expect(response.statusCode).toBe(413);
    upload.destroy();
    expect(await storedKeys()).toEqual(before);
  });

  test('larger than allowed are refused while they arrive, when nothing was announced', async () => {
    const { id, uploadUrl } = await files.createFile(pat);
    const before = await storedKeys();
    const response = await put(uploadUrl, streamOf(...Array.from({ length: 9 }, () => randomBytes(1024 * 1024))));
    expect(await refusal(response)).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' });
    expect(await storedKeys()).toEqual(before);
    expect(await files.file(pat, id)).toMatchObject({ size: null });
  });

  test.each([
    ['after a few bytes', 1000, {}],
    ['short of the announced length', 300_000, { 'content-length': '500000' }],
    ['after more than a part', 7_000_000, {}],
  ])('cut off %s leave nothing, and can be made again', async (_when, size, headers) => {
    const { id, uploadUrl } = await files.createFile(pat);
    const before = await storedKeys();
    await cutUpload(uploadUrl, randomBytes(size), headers as Record<string, string>);
    expect(await storedKeys()).toEqual(before);
    expect(await files.file(pat, id)).toMatchObject({ size: null, sha256: null, downloadUrl: null });
    expect((await put(uploadUrl, randomBytes(10))).status).toBe(201);
  });

  test.each(['repr-digest', 'content-digest'])('that differ from their %s leave nothing', async (header) => {
    const { id, uploadUrl } = await files.createFile(pat);
    const before = await storedKeys();
    const response = await put(uploadUrl, randomBytes(1000), { [header]: digestOf(randomBytes(1000)) });
    expect(await refusal(response)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(await storedKeys()).toEqual(before);
    expect(await files.file(pat, id)).toMatchObject({ size: null });
  });

  test('of a file that has its bytes are refused, and change nothing', async () => {
    const bytes = randomBytes(1000);
    const { id, uploadUrl } = await files.uploadedFile(pat, bytes);
    const before = await storedKeys();
    expect(await refusal(await put(uploadUrl, randomBytes(1000)))).toMatchObject({
      status: 409,
      code: 'ILLEGAL_STATE',
    });
    expect(await storedKeys()).toEqual(before);
    expect(await files.file(pat, id)).toMatchObject({ sha256: sha256(bytes) });
  });

  test('of one file at the same time: one wins, the others leave nothing', async () => {
    const { id, uploadUrl } = await files.createFile(pat);
    const before = await storedKeys();
    const all = Array.from({ length: 5 }, () => randomBytes(200_000));
    const responses = await Promise.all(
      all.map((bytes) => put(uploadUrl, streamOf(bytes.subarray(0, 9), bytes.subarray(9)))),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    const winner = all[responses.findIndex(({ status }) => status === 201)] ?? Buffer.alloc(0);
    expect(await storedKeys()).toHaveLength(before.length + 1);
    const download = await fetch(await files.downloadUrl(pat, id));
    expect(Buffer.from(await download.arrayBuffer()).equals(winner)).toBe(true);
  });

  test.each([
    ['nothing', 0],
    ['a few bytes', 17],
    ['as much as is allowed', mostBytes],
  ])('of %s are whole', async (_what, size) => {
    const bytes = randomBytes(size);
    const { id, uploadUrl } = await files.createFile(pat);
    const response = await put(uploadUrl, bytes, { 'repr-digest': digestOf(bytes), 'content-type': 'image/png' });
    const hash = sha256(bytes);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id, size, sha256: hash });
    expect(await files.file(pat, id)).toMatchObject({ size, sha256: hash });
    const download = await fetch(await files.downloadUrl(pat, id));
    expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('fail clearly when the store is away', async () => {
    if (s3 === undefined) return;
    const { id } = await files.uploadedFile(pat, randomBytes(10));
    const { uploadUrl } = await files.createFile(pat);
    await s3.crash();
    expect(await refusal(await put(uploadUrl, randomBytes(10)))).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
    });
    const download = await fetch(await files.downloadUrl(pat, id));
    expect(await refusal(download)).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
  });
});
