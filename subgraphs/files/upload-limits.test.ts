// Limits of uploads over real HTTP, on every way in: refused early where the length is announced, and in any case at the
// end; what uploads at the same time bring together counts.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { put, withToken } from '../../tests/support/file-client.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { metadata, patch, tus } from '../../tests/support/tus-client.ts';

let files: FileService;
let operator: Person;
let pat: Person;
const applicationId = randomUUID();

beforeAll(async () => {
  files = await startFileService({ environment: { MAX_FILE_BYTES: '100000' } });
  operator = files.know({ userId: randomUUID(), permissions: ['UPDATE_FILE_SERVICE_SETTINGS'] });
});
afterAll(() => files.close());
beforeEach(async () => {
  pat = files.know({ userId: randomUUID() });
  await settings({ maximumFileBytes: null, maximumBytesPerUser: null, applicationLimits: [] });
});

async function settings(input: Record<string, unknown>): Promise<void> {
  const query = `mutation ($input: UpdateFileSettingsInput!) { updateFileSettings(input: $input) { settings { updatedAt } } }`;
  const { errors } = await files.graph.execute('files', { query, variables: { input }, identity: operator });
  expect(errors).toBeUndefined();
}

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly details?: Record<string, unknown>;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const [error] = text === '' ? [] : (JSON.parse(text).errors ?? []);
  return { status: response.status, code: error?.extensions.code, details: error?.extensions.details };
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** Every way in: with the length announced, and without. */
const ways: Record<string, (person: Person, bytes: Buffer) => Promise<Answer>> = {
  PUT: async (person, bytes) => answerOf(await put((await files.createFile(person)).uploadUrl, bytes)),
  'PUT of an unknown length': async (person, bytes) =>
    answerOf(await put((await files.createFile(person)).uploadUrl, streamOf(bytes))),
  'a form': async (person, bytes) => {
    const body = new FormData();
    body.append('file', new Blob([bytes], { type: 'application/octet-stream' }), 'trace.ecg');
    return answerOf(await fetch(`${files.url}/files`, { method: 'POST', headers: withToken(person), body }));
  },
  'TUS by POST': async (person, bytes) => {
    const headers = {
      ...withToken(person),
      'upload-length': `${bytes.length}`,
      ...metadata({ filename: 'trace.ecg' }),
    };
    const created = await tus('POST', `${files.url}/files/uploads`, { headers });
    const url = created.headers.get('location');
    return url === null ? (created as Answer) : ((await patch(url, 0, bytes)) as Answer);
  },
  'TUS of an unknown length': async (person, bytes) => {
    const { resumableUploadUrl: url } = await files.createFile(person);
    const first = await patch(url, 0, streamOf(bytes));
    if (first.status !== 204) return first as Answer;
    const last = (await patch(url, bytes.length, '', { 'upload-length': `${bytes.length}` })) as Answer;
    // What has arrived is kept, and counts.
    if (last.status !== 204) await tus('DELETE', url);
    return last;
  },
};

describe.each(Object.keys(ways))('%s', (name) => {
  const way = ways[name] ?? (() => Promise.reject(new Error(name)));
  const isTaken = (status: number) => status === 201 || status === 204;

  test('takes no file that is larger than the configuration allows, whatever the settings say', async () => {
    await settings({ maximumFileBytes: 1_000_000_000 });
    expect(await way(pat, randomBytes(100_001))).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' });
    expect(isTaken((await way(pat, randomBytes(100_000))).status)).toBe(true);
  });

  test('takes no file that is larger than the settings allow', async () => {
    await settings({ maximumFileBytes: 1_000 });
    expect(await way(pat, randomBytes(1_001))).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' });
    expect(isTaken((await way(pat, randomBytes(1_000))).status)).toBe(true);
  });

  test('takes no more from a user than allowed for all of their files', async () => {
    await settings({ maximumBytesPerUser: 2_500 });
    expect(isTaken((await way(pat, randomBytes(2_000))).status)).toBe(true);
    expect(await way(pat, randomBytes(501))).toMatchObject({ status: 413, code: 'QUOTA_EXCEEDED' });
    expect(isTaken((await way(pat, randomBytes(500))).status)).toBe(true);
    expect(isTaken((await way(files.know({ userId: randomUUID() }), randomBytes(2_000))).status)).toBe(true);
  });

  test('takes no more through an application than allowed for it', async () => {
    const own = randomUUID();
    const through = files.know({ userId: randomUUID(), applicationId: own });
    await settings({ applicationLimits: [{ applicationId: own, maximumFileBytes: 2_000, maximumBytes: 2_500 }] });
    expect(await way(through, randomBytes(2_001))).toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect(isTaken((await way(through, randomBytes(2_000))).status)).toBe(true);
    const other = files.know({ userId: randomUUID(), applicationId: own });
    expect(await way(other, randomBytes(501))).toMatchObject({ status: 413, code: 'QUOTA_EXCEEDED' });
    expect(isTaken((await way(pat, randomBytes(2_001))).status)).toBe(true);
  });

  test('counts what others at the same time bring, too', async () => {
    await settings({ maximumBytesPerUser: 2_500 });
    const answers = await Promise.all([1, 2, 3].map(() => way(pat, randomBytes(1_000))));
    expect(answers.filter(({ status }) => isTaken(status))).toHaveLength(2);
    expect(answers.filter(({ code }) => code === 'QUOTA_EXCEEDED')).toHaveLength(1);
  });
});

test('the refusal says whose limit it is, and how much that is', async () => {
  await settings({
    maximumBytesPerUser: 2_000,
    applicationLimits: [{ applicationId, maximumBytes: 1_000 }],
  });
  const way = ways.PUT ?? (() => Promise.reject(new Error('no way')));
  expect(await way(pat, randomBytes(2_001))).toMatchObject({ details: { of: 'user', most: 2_000 } });
  const through = files.know({ userId: randomUUID(), applicationId });
  expect(await way(through, randomBytes(1_001))).toMatchObject({ details: { of: 'application', most: 1_000 } });
});

test('halves that are never completed are not kept in any number', async () => {
  await settings({ maximumBytesPerUser: 2_500 });
  const half = async (bytes = 1_000) => {
    const { resumableUploadUrl: url } = await files.createFile(pat);
    return { url, ...(await patch(url, 0, randomBytes(bytes))) };
  };
  const tooMuch = await half(2_501);
  expect(tooMuch).toMatchObject({ status: 413, code: 'QUOTA_EXCEEDED' });
  expect((await tus('HEAD', tooMuch.url)).headers.get('upload-offset')).toBe('0');
  const halves = [await half(), await half()];
  expect(halves.map(({ status }) => status)).toEqual([204, 204]);
  expect(await half()).toMatchObject({ status: 413, code: 'QUOTA_EXCEEDED' });
  expect((await tus('DELETE', halves[0]?.url ?? '')).status).toBe(204);
  // Of those that come at the same time, each counts the others.
  const together = await Promise.all([half(), half(), half()]);
  expect(together.map(({ status }) => status).sort()).toEqual([204, 413, 413]);
  expect((await patch(halves[1]?.url ?? '', 1_000, '', { 'upload-length': '1000' })).status).toBe(204);
});

test('an upload that is refused when it is created was never a file', async () => {
  await settings({ maximumBytesPerUser: 1_000 });
  const headers = { ...withToken(pat), 'upload-length': '1001', ...metadata({ filename: 'trace.ecg' }) };
  expect(await tus('POST', `${files.url}/files/uploads`, { headers })).toMatchObject({ code: 'QUOTA_EXCEEDED' });
  expect((await files.graph.readLog()).filter(({ content }) => content.creatorId === pat.userId)).toEqual([]);
});

test('what is deleted makes room', async () => {
  await settings({ maximumBytesPerUser: 1_000 });
  const { id } = await files.uploadedFile(pat, randomBytes(1_000));
  const { uploadUrl } = await files.createFile(pat);
  expect((await put(uploadUrl, 'x')).status).toBe(413);
  const query = `mutation ($id: ID!) { deleteFile(input: { fileId: $id }) { fileId } }`;
  expect((await files.graph.execute('files', { query, variables: { id }, identity: pat })).errors).toBeUndefined();
  expect((await put(uploadUrl, randomBytes(1_000))).status).toBe(201);
});
