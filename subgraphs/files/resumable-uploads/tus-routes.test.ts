// The TUS protocol over real HTTP: what each request answers, and what a real client makes of it.
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, put, sha256, withToken } from '../../../tests/support/file-client.ts';
import { type FileService, type Person, startFileService } from '../../../tests/support/file-service.ts';
import { metadata, patch, tus } from '../../../tests/support/tus-client.ts';

const mostBytes = 8_000_000;
let files: FileService;
let pat: Person;
let ahead = 0;

beforeAll(async () => {
  const now = () => Date.now() + ahead;
  files = await startFileService({ now, environment: { MAX_FILE_BYTES: `${mostBytes}` } });
  pat = files.know({ userId: randomUUID() });
});
afterAll(() => files.close());

const uploadsUrl = () => `${files.url}/files/uploads`;
const offsetOf = async (url: string) => (await tus('HEAD', url)).headers.get('upload-offset');

async function download(id: string): Promise<Buffer> {
  const response = await fetch(await files.downloadUrl(pat, id));
  return Buffer.from(await response.arrayBuffer());
}

/** Sends some bytes of a `PATCH` and cuts the connection when they have arrived. */
async function cutPatch(url: string, offset: number, sent: Uint8Array, announced: number): Promise<void> {
  const headers = {
    'tus-resumable': '1.0.0',
    'upload-offset': `${offset}`,
    'content-type': 'application/offset+octet-stream',
    'content-length': `${announced}`,
  };
  const { arrived, failed } = files.requests;
  const upload = httpRequest(url, { method: 'PATCH', headers });
  upload.on('error', () => {});
  upload.write(sent);
  await eventually(async () => files.requests.arrived > arrived);
  await pause(50);
  upload.destroy();
  await eventually(async () => files.requests.failed > failed);
}

describe('what the protocol asks for', () => {
  test('the server says what it can', async () => {
    for (const url of [uploadsUrl(), `${uploadsUrl()}/${randomUUID()}`]) {
      const { status, headers } = await tus('OPTIONS', url);
      expect(status).toBe(204);
      expect(Object.fromEntries(headers)).toMatchObject({
        'tus-resumable': '1.0.0',
        'tus-version': '1.0.0',
        'tus-extension': 'creation,creation-with-upload,creation-defer-length,expiration,termination',
        'tus-max-size': `${mostBytes}`,
      });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test.each([{ 'tus-resumable': '0.2.2' }, { 'tus-resumable': '' }])(
    'a client of another version is told so: %j',
    async (headers) => {
      const { resumableUploadUrl } = await files.createFile(pat);
      const answer = await tus('PATCH', resumableUploadUrl, { headers, body: 'x' });
      expect(answer).toMatchObject({ status: 412, code: 'BAD_REQUEST' });
      expect(answer.headers.get('tus-version')).toBe('1.0.0');
    },
  );

  test.each([
    ['without an offset', { 'upload-offset': '' }, 400, 'BAD_REQUEST'],
    ['with an offset that is none', { 'upload-offset': '1.5' }, 400, 'BAD_REQUEST'],
    ['with another content type', { 'content-type': 'text/plain' }, 400, 'BAD_REQUEST'],
    ['from beyond what has arrived', { 'upload-offset': '5' }, 409, 'CONFLICT'],
    ['with a length that is none', { 'upload-length': '-1' }, 400, 'BAD_REQUEST'],
    ['with more than is allowed', { 'upload-length': `${mostBytes + 1}` }, 413, 'FILE_TOO_LARGE'],
    ['with more than announced', { 'upload-length': '3' }, 413, 'FILE_TOO_LARGE'],
  ])('a PATCH %s is refused', async (_what, headers, status, code) => {
    const { id, resumableUploadUrl: url } = await files.createFile(pat);
    expect(await patch(url, 0, 'hello', headers)).toMatchObject({ status, code });
    expect(await offsetOf(url)).toBe('0');
    expect(await files.file(pat, id)).toMatchObject({ size: null });
  });
});

describe('who may upload so', () => {
  test('nobody without a proof, or with one for something else', async () => {
    const { id, uploadUrl, resumableUploadUrl } = await files.createFile(pat);
    const other = await files.createFile(pat);
    const at = `${uploadsUrl()}/${id}`;
    const attempts = [
      at,
      `${at}?grant=`,
      `${at}?grant=${new URL(uploadUrl).searchParams.get('grant')}`,
      other.resumableUploadUrl.replace(other.id, id),
    ];
    for (const url of attempts) {
      for (const method of ['HEAD', 'PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? { body: 'x', headers: { 'upload-offset': '0' } } : {};
        expect([url, method, (await tus(method, url, body)).status]).toEqual([url, method, 401]);
      }
    }
    expect((await tus('POST', uploadsUrl(), { headers: { 'upload-length': '1' } })).status).toBe(401);
    expect(await offsetOf(resumableUploadUrl)).toBe('0');
  });

  test('nobody after the day for which the URL is good', async () => {
    const { id, resumableUploadUrl } = await files.createFile(pat);
    ahead = 86_401_000;
    expect((await tus('HEAD', resumableUploadUrl)).status).toBe(401);
    expect((await tus('HEAD', `${uploadsUrl()}/${id}`, { headers: withToken(pat) })).status).toBe(200);
    ahead = 0;
  });

  test('not others: who sees the file is forbidden, to who does not it is not there', async () => {
    const { id } = await files.createFile(pat);
    const stranger = files.know({ userId: randomUUID() });
    const auditor = files.know({ userId: randomUUID(), permissions: ['VIEW_FILES'] });
    const to = (fileId: string, person: Person) => patch(`${uploadsUrl()}/${fileId}`, 0, 'x', withToken(person));
    expect(await to(id, auditor)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    const { headers: _, ...unseen } = await to(id, stranger);
    expect(unseen).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await to(randomUUID(), pat)).toMatchObject(unseen);
    expect(await to('no-id', pat)).toMatchObject(unseen);
  });
});

describe('an upload by POST', () => {
  const create = (headers: Record<string, string>, body: RequestInit['body'] = null) =>
    tus('POST', uploadsUrl(), { headers: { ...withToken(pat), ...headers }, body });
  const myFiles = async () => {
    const query = '{ files { totalCount } }';
    return (await files.graph.execute('files', { query, identity: pat })).data.files.totalCount;
  };

  test.each([
    ['without a name', { 'upload-length': '1' }, 'BAD_USER_INPUT', 'filename'],
    [
      'with a name that is a path',
      { 'upload-length': '1', ...metadata({ filename: '../x' }) },
      'BAD_USER_INPUT',
      'filename',
    ],
    [
      'with a type that is none',
      { 'upload-length': '1', ...metadata({ filename: 'x', filetype: 'x' }) },
      'BAD_USER_INPUT',
      'filetype',
    ],
    [
      'with broken tags',
      { 'upload-length': '1', ...metadata({ filename: 'x', tags: '[1]' }) },
      'BAD_USER_INPUT',
      'tags',
    ],
    ['without a length', metadata({ filename: 'x' }), 'BAD_REQUEST', 'Upload-Length'],
    ['of too much', { 'upload-length': `${mostBytes + 1}`, ...metadata({ filename: 'x' }) }, 'FILE_TOO_LARGE', ''],
    [
      'of a part of a file',
      { 'upload-concat': 'partial', 'upload-length': '1', ...metadata({ filename: 'x' }) },
      'BAD_REQUEST',
      '',
    ],
  ])('%s is refused, and leaves no file', async (_what, headers, code, message) => {
    const before = await myFiles();
    const answer = await create(headers as Record<string, string>);
    expect(answer).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(await myFiles()).toBe(before);
  });

  test('with bytes of another type is refused, and leaves no file', async () => {
    const before = await myFiles();
    const type = { 'content-type': 'application/offset+octet-stream', 'upload-length': '10' };
    const answer = await create({ ...type, ...metadata({ filename: 'x', filetype: 'image/png' }) }, 'GIF89a1234');
    expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(await myFiles()).toBe(before);
  });

  test('makes a file, to be gone on with at the URL in its answer', async () => {
    const bytes = randomBytes(1_000);
    const about = metadata({ filename: 'Ärzte.bin', filetype: 'text/csv', tags: 'a, b' });
    const { status, headers } = await create({ 'upload-length': '1000', ...about });
    expect(status).toBe(201);
    const url = headers.get('location') ?? '';
    const id = new URL(url).pathname.split('/').at(-1) ?? '';
    expect(new Date(headers.get('upload-expires') ?? '').getTime()).toBeGreaterThan(Date.now() + 86_000_000);
    expect(await files.file(pat, id)).toMatchObject({
      name: 'Ärzte.bin',
      mimeType: 'text/csv',
      tags: ['a', 'b'],
      size: null,
    });
    const asked = await tus('HEAD', url);
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'upload-offset': '0',
      'upload-length': '1000',
      'cache-control': 'no-store',
      ...metadata({ filename: 'Ärzte.bin', filetype: 'text/csv' }),
    });
    const answer = await patch(url, 0, bytes);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('upload-offset')).toBe('1000');
    expect(await files.file(pat, id)).toMatchObject({ size: 1_000, sha256: sha256(bytes) });
  });

  test('may bring bytes, all of them or the first', async () => {
    const bytes = randomBytes(1_000);
    const type = {
      'content-type': 'application/offset+octet-stream',
      'upload-length': '1000',
      ...metadata({ filename: 'x' }),
    };
    const whole = await create(type, bytes);
    expect(whole.headers.get('upload-offset')).toBe('1000');
    expect(await offsetOf(whole.headers.get('location') ?? '')).toBe('1000');
    const part = await create(type, bytes.subarray(0, 400));
    const url = part.headers.get('location') ?? '';
    expect((await patch(url, 400, bytes.subarray(400))).headers.get('upload-offset')).toBe('1000');
    expect((await download(new URL(url).pathname.split('/').at(-1) ?? '')).equals(bytes)).toBe(true);
  });

  test('of an empty file is complete at once', async () => {
    const { status, headers } = await create({ 'upload-length': '0', ...metadata({ filename: 'empty' }) });
    expect(status).toBe(201);
    const id = new URL(headers.get('location') ?? '').pathname.split('/').at(-1) ?? '';
    expect(await files.file(pat, id)).toMatchObject({ size: 0, sha256: sha256(Buffer.alloc(0)) });
    expect((await download(id)).length).toBe(0);
  });
});

describe('an upload', () => {
  test('goes on where the connection broke', async () => {
    const bytes = randomBytes(3_000_000);
    const { id, resumableUploadUrl: url } = await files.createFile(pat);
    await cutPatch(url, 0, bytes.subarray(0, 1_000_000), bytes.length);
    const kept = Number(await offsetOf(url));
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(1_000_000);
    expect(await files.file(pat, id)).toMatchObject({ size: null, downloadUrl: null });
    const last = await patch(url, kept, bytes.subarray(kept), { 'upload-length': '3000000' });
    expect(last).toMatchObject({ status: 204 });
    expect((await download(id)).equals(bytes)).toBe(true);
  });

  test('whose length is said with the first question is gone on with by clients that need to know it', async () => {
    const { id, resumableUploadUrl: url } = await files.createFile(pat);
    const asked = await tus('HEAD', url, { headers: { 'upload-length': '5' } });
    expect(asked.headers.get('upload-length')).toBe('5');
    expect((await patch(url, 0, 'he', { 'upload-length': '5' })).status).toBe(204);
    expect((await patch(url, 2, 'llo', { 'upload-length': '6' })).status).toBe(400);
    expect((await patch(url, 2, 'llo')).status).toBe(204);
    expect((await download(id)).toString()).toBe('hello');
  });

  test('that is complete says so, and takes no more', async () => {
    const { resumableUploadUrl: url } = await files.createFile(pat);
    await patch(url, 0, 'hello', { 'upload-length': '5' });
    const asked = await tus('HEAD', url);
    expect(Object.fromEntries(asked.headers)).toMatchObject({ 'upload-offset': '5', 'upload-length': '5' });
    expect(await patch(url, 0, 'hello')).toMatchObject({ status: 409 });
    expect(await tus('DELETE', url)).toMatchObject({ status: 409, code: 'ILLEGAL_STATE' });
  });

  test('that was ended is gone; the file can be uploaded anew', async () => {
    const { id, resumableUploadUrl: url } = await files.createFile(pat);
    await patch(url, 0, 'hel', { 'upload-length': '5' });
    expect((await tus('DELETE', url)).status).toBe(204);
    expect(await offsetOf(url)).toBe('0');
    expect((await patch(url, 0, 'hi', { 'upload-length': '2' })).status).toBe(204);
    expect((await download(id)).toString()).toBe('hi');
  });

  test('of a file that a PUT completed meanwhile takes no more', async () => {
    const { id, uploadUrl, resumableUploadUrl: url } = await files.createFile(pat);
    await patch(url, 0, 'hel', { 'upload-length': '5' });
    expect((await put(uploadUrl, 'put')).status).toBe(201);
    expect(await patch(url, 3, 'lo')).toMatchObject({ status: 409, code: 'ILLEGAL_STATE' });
    expect((await download(id)).toString()).toBe('put');
  });

  test('by clients that can only GET and POST', async () => {
    const { resumableUploadUrl: url } = await files.createFile(pat);
    const headers = {
      'x-http-method-override': 'PATCH',
      'content-type': 'application/offset+octet-stream',
      'upload-offset': '0',
      'upload-length': '5',
    };
    expect((await tus('POST', url, { headers, body: 'hello' })).status).toBe(204);
    expect((await tus('POST', url, { headers: { ...headers, 'x-http-method-override': 'PUT' } })).status).toBe(400);
    expect(await offsetOf(url)).toBe('5');
  });

  test('from the same place twice at the same time: one wins, and the bytes are right', async () => {
    const bytes = randomBytes(4_000_000);
    const { id, resumableUploadUrl: url } = await files.createFile(pat);
    await tus('HEAD', url, { headers: { 'upload-length': `${bytes.length}` } });
    const answers = await Promise.all([1, 2, 3].map(() => patch(url, 0, bytes)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const { status } of answers) expect([204, 409]).toContain(status);
    for (let at = Number(await offsetOf(url)); at < bytes.length; at = Number(await offsetOf(url))) {
      await patch(url, at, bytes.subarray(at));
    }
    expect((await download(id)).equals(bytes)).toBe(true);
  });

  test('whose connection only looks open gives way to the next request', async () => {
    const { resumableUploadUrl: url } = await files.createFile(pat);
    const headers = {
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    };
    const stuck = httpRequest(url, { method: 'PATCH', headers });
    stuck.on('error', () => {});
    const answered = once(stuck, 'response');
    stuck.write('hello');
    await pause(100);
    expect(await offsetOf(url)).toBe('5');
    const [response] = await answered;
    expect(response.headers['upload-offset']).toBe('5');
    stuck.destroy();
  });
});
