// Small pictures as clients get them, over real HTTP, and what is kept of them.
import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import sharp from 'sharp';
import { withToken } from '../../../tests/support/file-client.ts';
import { createFileTokenMutation, fileQuestions } from '../../../tests/support/file-questions.ts';
import {
  type CreatedFile,
  type FileService,
  type Person,
  startFileService,
} from '../../../tests/support/file-service.ts';
import { blackPng, image, sidewaysPhoto } from '../../../tests/support/images.ts';
import { damage, type StoredObject, storedObjects } from '../../../tests/support/stored-objects.ts';
import { createDiskStore } from '../disk-store.ts';
import { createEncryptedStore } from '../encrypted-store.ts';
import { createFileContent, type FileContent } from '../file-content.ts';
import { createMasterKeys } from '../master-keys.ts';
import type { CompleteFile } from '../models.ts';
import { createSegmentStore } from '../segment-store.ts';
import { createThumbnailStore } from './thumbnail-store.ts';
import { createThumbnails } from './thumbnails.ts';

let files: FileService;
let pat: Person;
let photo: Buffer;
const { ask, refusal } = fileQuestions(() => files);

beforeAll(async () => {
  files = await startFileService();
  pat = files.know({ userId: randomUUID() });
  photo = await sidewaysPhoto({ width: 800, height: 400 });
});
afterAll(() => files.close());

const get = ({ id }: CreatedFile, query: string, { headers = {}, by = pat, method = 'GET' } = {}) =>
  fetch(`${files.url}/files/${id}${query}`, { method, headers: { ...withToken(by), ...headers } });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const uploadedPhoto = () => files.uploadedFile(pat, photo, { name: 'me at home.jpeg', mimeType: 'image/jpeg' });

async function refusalOf(response: Promise<Response>) {
  const answer = await response;
  const { errors } = (await answer.json()) as { errors: { message: string; extensions: { code: string } }[] };
  return [answer.status, errors[0]?.extensions.code];
}

/** What comes into the store meanwhile. */
async function addedBy(act: () => Promise<unknown>): Promise<StoredObject[]> {
  const before = new Set((await storedObjects(files)).map(({ key }) => key));
  await act();
  return (await storedObjects(files)).filter(({ key }) => !before.has(key));
}

const downloadUrl = async ({ id }: CreatedFile, box: string): Promise<string> =>
  (await ask(pat, `{ file(id: "${id}") { downloadUrl${box} } }`)).file.downloadUrl;

describe('no picture comes', () => {
  test.each([
    'width=0',
    'width=2049',
    'height=-1',
    'width=1.5',
    'width=a',
    'width=',
    'width=1e3',
    'width=10&width=20',
    'width=10&height=0',
  ])('in a size that there is not: %s', async (query) => {
    const created = await uploadedPhoto();
    expect(await refusalOf(get(created, `?${query}`))).toEqual([400, 'BAD_REQUEST']);
  });

  test('in a size that there is not, nor a URL for it', async () => {
    const { id } = await uploadedPhoto();
    const asked = (box: string) => refusal(pat, `{ file(id: "${id}") { downloadUrl(${box}) } }`);
    expect(await asked('width: 0')).toMatchObject({ code: 'BAD_USER_INPUT', field: 'width' });
    expect(await asked('width: 10, height: 2049')).toMatchObject({ code: 'BAD_USER_INPUT', field: 'height' });
  });

  test('of a file that is no image, nor a URL for one', async () => {
    const created = await files.uploadedFile(pat, Buffer.from('<svg/>'), { mimeType: 'image/svg+xml' });
    expect(await refusalOf(get(created, '?width=10'))).toEqual([400, 'BAD_REQUEST']);
    const asked = `{ file(id: "${created.id}") { downloadUrl(width: 10) } }`;
    expect(await refusal(pat, asked)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'width' });
  });

  test('of an image that was not declared as one', async () => {
    const created = await files.uploadedFile(pat, photo, { mimeType: 'application/octet-stream' });
    expect(await (await get(created, '?width=10')).text()).toContain('pictures are made of image/jpeg,');
  });

  test('of an image of more than 50 MiB', async () => {
    const large = Buffer.concat([await image('png'), Buffer.alloc(50 * 1_024 * 1_024)]);
    const created = await files.uploadedFile(pat, large, { mimeType: 'image/png' });
    expect(await refusalOf(get(created, '?width=10'))).toEqual([400, 'BAD_REQUEST']);
  });

  test('of an image that is broken, or lies about its size, and nothing is kept of it', async () => {
    const broken = [
      (await image('png', { width: 900, height: 900 })).subarray(0, 200),
      blackPng({ width: 60_000, height: 60_000 }, 3),
      blackPng({ width: 3_000, height: 3_000 }, 3),
    ];
    for (const bytes of broken) {
      const created = await files.uploadedFile(pat, bytes, { mimeType: 'image/png' });
      const added = await addedBy(async () =>
        expect(await refusalOf(get(created, '?width=10'))).toEqual([400, 'BAD_REQUEST']),
      );
      expect(added).toEqual([]);
      expect((await get(created, '')).status).toBe(200);
    }
  });

  test('for who does not see the file', async () => {
    const created = await uploadedPhoto();
    expect((await get(created, '?width=10')).status).toBe(200);
    const stranger = files.know({ userId: randomUUID() });
    expect(await refusalOf(get(created, '?width=10', { by: stranger }))).toEqual([404, 'NOT_FOUND']);
  });

  test('in another size than the URL is for, nor the file itself', async () => {
    const created = await uploadedPhoto();
    const url = await downloadUrl(created, '(width: 30, height: 20)');
    for (const more of ['&width=2048', '&height=20']) {
      expect(await refusalOf(fetch(`${url}${more}`))).toEqual([400, 'BAD_REQUEST']);
    }
    const whole = await downloadUrl(created, '');
    expect(await refusalOf(fetch(`${whole}&width=30`))).toEqual([400, 'BAD_REQUEST']);
  });

  test('of an image that was damaged in the store', async () => {
    let created: CreatedFile | undefined;
    const [object] = await addedBy(async () => {
      created = await uploadedPhoto();
    });
    if (object === undefined || created === undefined) throw new Error('the upload is stored');
    const repair = await damage(object);
    expect(await refusalOf(get(created, '?width=10'))).toEqual([500, 'FILE_DAMAGED']);
    await repair();
    expect((await get(created, '?width=10')).status).toBe(200);
  });
});

describe('a picture', () => {
  test('fits into the box, and is saved under the name of the file', async () => {
    const created = await uploadedPhoto();
    const response = await get(created, '?width=100&height=300');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-disposition': `attachment; filename="me at home.jpg"; filename*=UTF-8''me%20at%20home.jpg`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-cache',
    });
    expect(await sharp(await bytesOf(response)).metadata()).toMatchObject({ format: 'jpeg', width: 100, height: 200 });
    const onlyHigh = await bytesOf(await get(created, '?height=100'));
    expect(await sharp(onlyHigh).metadata()).toMatchObject({ width: 50, height: 100 });
  });

  test('comes by a URL of its own, and by a token', async () => {
    const created = await uploadedPhoto();
    const url = await downloadUrl(created, '(width: 30)');
    expect(await sharp(await bytesOf(await fetch(url))).metadata()).toMatchObject({ width: 30, height: 60 });
    const stranger = files.know({ userId: randomUUID() });
    const byToken = await fetch(`${files.url}/files/tokens/${created.token}?width=30`, {
      headers: withToken(stranger),
    });
    expect(await sharp(await bytesOf(byToken)).metadata()).toMatchObject({ width: 30, height: 60 });
  });

  test('uses up a token for single use', async () => {
    const { id } = await uploadedPhoto();
    const input = { fileId: id, singleUse: true };
    const { token } = (await ask(pat, createFileTokenMutation, { input })).createFileToken;
    const download = (query = '') =>
      fetch(`${files.url}/files/tokens/${token.token}${query}`, { headers: withToken(pat) });
    expect((await download('?width=10')).status).toBe(200);
    expect((await download()).status).toBe(404);
  });

  test('comes in parts, and not to who has it already', async () => {
    const created = await uploadedPhoto();
    const whole = await get(created, '?width=90');
    const etag = whole.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\da-f]{64}-90x2048"$/);
    const bytes = await bytesOf(whole);
    const part = await get(created, '?width=90', { headers: { range: 'bytes=5-14', 'if-range': etag } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 5-14/${bytes.length}`]);
    expect((await bytesOf(part)).equals(bytes.subarray(5, 15))).toBe(true);
    const headers = { 'if-none-match': etag };
    expect((await get(created, '?width=90', { headers })).status).toBe(304);
    expect((await get(created, '?width=91', { headers })).status).toBe(200);
    expect((await get(created, '', { headers })).status).toBe(200);
    const beyond = await get(created, '?width=90', { headers: { range: `bytes=${bytes.length}-` } });
    expect(beyond.status).toBe(416);
    const head = await get(created, '?width=90', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, `${bytes.length}`]);
  });
});

describe('what is kept', () => {
  test('is a picture that is asked for, once, and nobody can read it in the store', async () => {
    const created = await uploadedPhoto();
    const added = await addedBy(() =>
      Promise.all(Array.from({ length: 8 }, () => get(created, '?width=70').then(bytesOf))),
    );
    expect(added).toHaveLength(1);
    expect(await addedBy(() => get(created, '?width=70'))).toEqual([]);
    await expect(sharp(added[0]?.path).metadata()).rejects.toThrow();
  });

  test('was worked for once, however many ask for it at the same time', async () => {
    const { id } = await uploadedPhoto();
    const { database, config } = files.graph;
    const file = await database.forService<'file'>('files').db.file.findUniqueOrThrow({ where: { id } });
    const masterKeys = createMasterKeys({ fileKeys: undefined, serviceSecret: config.serviceSecret ?? '' });
    const bytes = createEncryptedStore(createDiskStore(join(files.dataDir, 'files')));
    const content = createFileContent({ segmentsOf: createSegmentStore(database).findSegments, bytes, masterKeys });
    let reads = 0;
    const counted: FileContent = {
      open(...of) {
        reads += 1;
        return content.open(...of);
      },
    };
    const log = pino({ level: 'silent' });
    const thumbnails = createThumbnails({
      ...{ store: createThumbnailStore(database), bytes, content: counted, masterKeys, log },
    });
    const asked = Array.from({ length: 8 }, () => thumbnails.get(file as CompleteFile, { width: 33, height: 44 }));
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(reads).toBe(1);
  });

  test('is 32 sizes of a file; more are made all the same', async () => {
    const created = await uploadedPhoto();
    const added = await addedBy(async () => {
      for (let width = 1; width <= 34; width += 1) {
        const made = await bytesOf(await get(created, `?width=${width}`));
        expect((await sharp(made).metadata()).width).toBe(width);
      }
    });
    expect(added).toHaveLength(32);
  });

  test('is nothing of more than 1 MiB: it would count for nobody', async () => {
    const size = { width: 700, height: 700 };
    const noise = await sharp(randomBytes(700 * 700 * 3), { raw: { ...size, channels: 3 } })
      .png()
      .toBuffer();
    const created = await files.uploadedFile(pat, noise, { name: 'noise.png', mimeType: 'image/png' });
    const added = await addedBy(async () => {
      expect((await bytesOf(await get(created, '?width=700'))).length).toBeGreaterThan(1_024 * 1_024);
    });
    expect(added).toEqual([]);
  });

  test.each(['damaged', 'lost'])('and %s in the store is made again, and given out as it was', async (fate) => {
    const created = await uploadedPhoto();
    let before = Buffer.alloc(0);
    const [object] = await addedBy(async () => {
      before = await bytesOf(await get(created, '?width=60'));
    });
    if (object === undefined) throw new Error('the picture is kept');
    if (fate === 'lost') await rm(object.path);
    else await damage(object);
    const added = await addedBy(async () =>
      expect((await bytesOf(await get(created, '?width=60'))).equals(before)).toBe(true),
    );
    expect(added).toHaveLength(1);
    await files.graph.runJobs();
    const keys = (await storedObjects(files)).map(({ key }) => key);
    expect([keys.includes(object.key), keys.includes(added[0]?.key ?? '')]).toEqual([false, true]);
    expect(await addedBy(() => get(created, '?width=60'))).toEqual([]);
  });

  test('goes with the file', async () => {
    const added = await addedBy(async () => {
      const created = await uploadedPhoto();
      await get(created, '?width=10').then(bytesOf);
      await get(created, '?width=20').then(bytesOf);
      await ask(pat, `mutation { deleteFile(input: { fileId: "${created.id}" }) { fileId } }`);
      await files.graph.runJobs();
    });
    expect(added).toEqual([]);
  });
});
