// Files sent as forms, over real HTTP: what is taken in any order, and what is refused and leaves nothing.
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, refusal, sha256, withToken } from '../../tests/support/file-client.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';

const mostBytes = 1_000_000;
let files: FileService;
let pat: Person;

beforeAll(async () => {
  files = await startFileService({ environment: { MAX_FILE_BYTES: `${mostBytes}` } });
  pat = files.know({ userId: randomUUID() });
});
afterAll(() => files.close());

type Part = readonly [name: string, value: string | Blob, fileName?: string];

const fileOf = (bytes: Uint8Array | string, type = 'application/octet-stream') => new Blob([bytes], { type });

function formOf(...parts: readonly Part[]): FormData {
  const form = new FormData();
  for (const [name, value, fileName] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, fileName ?? 'trace.ecg');
  }
  return form;
}

const post = (body: RequestInit['body'], headers: Record<string, string> = withToken(pat)) =>
  fetch(`${files.url}/files`, { method: 'POST', body, headers });

async function kept(): Promise<{ objects: number; files: number }> {
  const entries = await readdir(join(files.dataDir, 'files'), { recursive: true, withFileTypes: true });
  const { data } = await files.graph.execute('files', { query: '{ files { totalCount } }', identity: pat });
  return { objects: entries.filter((entry) => entry.isFile()).length, files: data.files.totalCount };
}

describe('a form that is refused leaves nothing', () => {
  const bytes = Buffer.from('some bytes');
  const refusals: [string, Part[], number, string, string][] = [
    ['without a file', [['name', 'x']], 400, 'BAD_REQUEST', 'file'],
    [
      'with two files',
      [
        ['file', fileOf(bytes)],
        ['file', fileOf(bytes)],
      ],
      400,
      'BAD_REQUEST',
      'two files',
    ],
    [
      'with three files',
      [
        ['file', fileOf(bytes)],
        ['file', fileOf(bytes)],
        ['file', fileOf(bytes)],
      ],
      400,
      'BAD_REQUEST',
      '',
    ],
    ['with a file of another name', [['photo', fileOf(bytes)]], 400, 'BAD_REQUEST', 'file'],
    [
      'with a name that is a path',
      [
        ['name', '../x'],
        ['file', fileOf(bytes)],
      ],
      400,
      'BAD_USER_INPUT',
      'name',
    ],
    [
      'with such a name after the file',
      [
        ['file', fileOf(bytes)],
        ['name', 'a/b'],
      ],
      400,
      'BAD_USER_INPUT',
      'name',
    ],
    [
      'with a name of 10,000 characters',
      [
        ['file', fileOf(bytes)],
        ['name', 'x'.repeat(10_000)],
      ],
      400,
      'BAD_USER_INPUT',
      'name',
    ],
    [
      'with a name that has control characters',
      [
        ['file', fileOf(bytes)],
        ['name', 'a\u0007b'],
      ],
      400,
      'BAD_USER_INPUT',
      'name',
    ],
    [
      'with tags that are broken JSON',
      [
        ['tags', '["a"'],
        ['file', fileOf(bytes)],
      ],
      400,
      'BAD_USER_INPUT',
      'tags',
    ],
    [
      'with too many tags',
      [['file', fileOf(bytes)], ...Array.from({ length: 51 }, (_, i): Part => ['tags', `${i}`])],
      400,
      'BAD_USER_INPUT',
      'tags',
    ],
    [
      'with too many fields',
      [...Array.from({ length: 80 }, (_, i): Part => [`f${i}`, 'x']), ['file', fileOf(bytes)]],
      400,
      'BAD_REQUEST',
      'form',
    ],
    [
      'with a field that is too long',
      [
        ['file', fileOf(bytes)],
        ['tags', 'x'.repeat(70_000)],
      ],
      400,
      'BAD_REQUEST',
      'field',
    ],
    ['with a type that is none', [['file', fileOf(bytes, 'nonsense')]], 400, 'BAD_USER_INPUT', 'file'],
    ['with bytes of another type', [['file', fileOf('GIF89a....', 'image/png')]], 400, 'BAD_REQUEST', 'image/gif'],
    ['with a file that is too large', [['file', fileOf(randomBytes(mostBytes + 1))]], 413, 'FILE_TOO_LARGE', ''],
  ];
  test.each(refusals)('%s', async (_what, parts, status, code, message) => {
    const before = await kept();
    const answer = await refusal(await post(formOf(...parts)));
    expect(answer).toMatchObject({ status, code, message: expect.stringContaining(message) });
    expect(await kept()).toEqual(before);
  });

  test('without a signed-in user', async () => {
    const before = await kept();
    expect(await refusal(await post(formOf(['file', fileOf(bytes)]), {}))).toMatchObject({ status: 401 });
    expect(await kept()).toEqual(before);
  });

  test('that is no form', async () => {
    for (const type of ['application/json', 'multipart/form-data', 'text/plain']) {
      const answer = await refusal(await post('{}', { ...withToken(pat), 'content-type': type }));
      expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    }
  });

  test('that is far too large is refused by its announced length', async () => {
    const headers = {
      ...withToken(pat),
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': '99999999',
    };
    const upload = httpRequest(`${files.url}/files`, { method: 'POST', headers });
    upload.on('error', () => {});
    upload.flushHeaders();
    const status = await new Promise((resolve) => upload.once('response', (response) => resolve(response.statusCode)));
    expect(status).toBe(413);
    upload.destroy();
  });

  test.each([
    ['in the middle of the file', '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nsome'],
    ['after the file', '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nsome\r\n--x\r\n'],
  ])('that is cut off %s', async (_where, sent) => {
    const before = await kept();
    const headers = { ...withToken(pat), 'content-type': 'multipart/form-data; boundary=x', 'content-length': '5000' };
    const { arrived, failed } = files.requests;
    const upload = httpRequest(`${files.url}/files`, { method: 'POST', headers });
    upload.on('error', () => {});
    upload.write(sent);
    await eventually(async () => files.requests.arrived > arrived);
    await pause(50);
    upload.destroy();
    await eventually(async () => files.requests.failed > failed);
    expect(await kept()).toEqual(before);
  });

  test.each([
    ['a name', 'name', '{"toString":1,"valueOf":1}'],
    ['a name that is nested without end', 'name', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['a tag', 'tags', '{"a":1}'],
    ['a list of tags', 'tags', '["a",["b"]]'],
  ])('with %s that is no text', async (_what, name, json) => {
    const before = await kept();
    const field = `content-disposition: form-data; name="${name}"\r\ncontent-type: application/json\r\n\r\n${json}`;
    const file = 'content-disposition: form-data; name="file"; filename="a"\r\n\r\nsome';
    const body = `--x\r\n${field}\r\n--x\r\n${file}\r\n--x--\r\n`;
    const headers = { ...withToken(pat), 'content-type': 'multipart/form-data; boundary=x' };
    expect(await refusal(await post(body, headers))).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
      message: expect.stringContaining(`${name}: must be text`),
    });
    expect(await kept()).toEqual(before);
  });

  test('that ends too early', async () => {
    const before = await kept();
    const body = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nsome';
    const headers = { ...withToken(pat), 'content-type': 'multipart/form-data; boundary=x' };
    expect(await refusal(await post(body, headers))).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(await kept()).toEqual(before);
  });
});

describe('a form is taken', () => {
  test('whatever the order of its parts', async () => {
    const bytes = randomBytes(300_000);
    const file: Part = ['file', fileOf(bytes), 'from the part.ecg'];
    const fields: Part[] = [
      ['name', 'trace.ecg'],
      ['tags', 'ecg'],
      ['tags', 'rest'],
    ];
    for (const parts of [
      [file, ...fields],
      [...fields, file],
      [...fields.slice(0, 2), file, ...fields.slice(2)],
    ]) {
      const response = await post(formOf(...parts));
      expect(response.status).toBe(201);
      const sent = (await response.json()) as Record<string, string>;
      expect(sent).toEqual({
        id: expect.any(String),
        name: 'trace.ecg',
        mimeType: 'application/octet-stream',
        size: bytes.length,
        sha256: sha256(bytes),
        tags: ['ecg', 'rest'],
        token: expect.stringMatching(/^cgf_[\w-]{43}$/),
      });
      const download = await fetch(await files.downloadUrl(pat, sent.id ?? ''));
      expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });

  test.each([
    [
      'repeated tags',
      [
        ['tags', 'a'],
        ['tags', 'b'],
      ],
    ],
    [
      'repeated tags as PHP names them',
      [
        ['tags[]', 'a'],
        ['tags[]', 'b'],
      ],
    ],
    ['tags as a JSON array', [['tags', '["a","b"]']]],
  ] as [string, Part[]][])('with %s', async (_how, tags) => {
    const sent = await (await post(formOf(...tags, ['file', fileOf('x', 'text/plain')]))).json();
    expect(sent).toMatchObject({ tags: ['a', 'b'], name: 'trace.ecg', mimeType: 'text/plain' });
  });

  test('and is in the log of events', async () => {
    const { id } = (await (await post(formOf(['file', fileOf('x')]))).json()) as { id: string };
    const log = (await files.graph.readLog()).filter(({ content }) => content.fileId === id);
    expect(log.map(({ type }) => type)).toEqual(['file_created', 'file_token_created', 'file_uploaded']);
  });

  test('under the name of its file, when it gives no other', async () => {
    const sent = await (await post(formOf(['file', fileOf('x'), 'Ärzte – 診断.txt']))).json();
    expect(sent).toMatchObject({ name: 'Ärzte – 診断.txt' });
  });

  test('of an empty file', async () => {
    expect(await (await post(formOf(['file', fileOf('')]))).json()).toMatchObject({ size: 0 });
  });
});
