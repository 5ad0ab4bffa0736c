// Downloads with a token in the URL, over real HTTP: who may, how long, and how often.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { withToken } from '../../tests/support/file-client.ts';
import {
  createFileTokenMutation,
  fileQuestions,
  revokeFileTokenMutation,
  updateFileSettingsMutation,
} from '../../tests/support/file-questions.ts';
import { type CreatedFile, type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { damage, storedObjects } from '../../tests/support/stored-objects.ts';

let files: FileService;
let pat: Person;
let stranger: Person;
let operator: Person;
/** A clock that tests can move. */
let ahead = 0;
const bytes = randomBytes(1_000);
const { ask } = fileQuestions(() => files);

beforeAll(async () => {
  files = await startFileService({ now: () => Date.now() + ahead });
  pat = files.know({ userId: randomUUID() });
  stranger = files.know({ userId: randomUUID() });
  operator = files.know({ userId: randomUUID(), permissions: ['UPDATE_FILE_SERVICE_SETTINGS'] });
});
beforeEach(async () => {
  ahead = 0;
  await settings({ anonymousTokens: false, disableForceDownloadForMimeTypes: [] });
});
afterAll(() => files.close());

const settings = (input: Record<string, unknown>) => ask(operator, updateFileSettingsMutation, { input });

async function newToken({ id }: CreatedFile, input: Record<string, unknown> = {}) {
  const { createFileToken } = await ask(pat, createFileTokenMutation, { input: { fileId: id, ...input } });
  return createFileToken.token as { id: string; token: string };
}

interface Asking {
  readonly by?: Person | undefined;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly query?: string;
}

const get = (token: string, { by, method = 'GET', headers = {}, query = '' }: Asking = {}) =>
  fetch(`${files.url}/files/tokens/${token}${query}`, {
    method,
    headers: { ...(by === undefined ? {} : withToken(by)), ...headers },
  });

/** Status and code of the error, with what stands in its details. */
async function refusalOf(response: Promise<Response>) {
  const answer = await response;
  const { errors } = (await answer.json()) as { errors: { extensions: { code: string; details?: unknown } }[] };
  return [answer.status, errors[0]?.extensions.code, errors[0]?.extensions.details];
}
const unknown = [404, 'NOT_FOUND', { code: 2605 }];

describe('a token gives nothing', () => {
  test('to who is not signed in, whether it is good or not', async () => {
    const { token } = await files.uploadedFile(pat, bytes);
    for (const one of [token, 'cgf_guess']) {
      expect((await refusalOf(get(one))).slice(0, 2)).toEqual([401, 'UNAUTHENTICATED']);
      const headers = { authorization: 'Bearer unknown' };
      expect((await refusalOf(get(one, { headers }))).slice(0, 2)).toEqual([401, 'UNAUTHENTICATED']);
    }
  });

  test('when it is unknown, expired, revoked, or of a file that is gone: one answer for all', async () => {
    const created = await files.uploadedFile(pat, bytes);
    const { id, token } = await newToken(created, { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    expect((await get(token, { by: stranger })).status).toBe(200);
    ahead = 60_001;
    expect(await refusalOf(get(token, { by: stranger }))).toEqual(unknown);
    ahead = 0;
    await ask(pat, revokeFileTokenMutation, { input: { tokenId: id } });
    expect(await refusalOf(get(token, { by: stranger }))).toEqual(unknown);
    for (const guess of [
      `${created.token}x`,
      created.token.slice(0, -1),
      created.token.toUpperCase(),
      'x',
      created.id,
    ]) {
      expect(await refusalOf(get(guess, { by: pat }))).toEqual(unknown);
    }
    await ask(pat, `mutation { deleteFile(input: { token: "${created.token}" }) { fileId } }`);
    expect(await refusalOf(get(created.token, { by: pat }))).toEqual(unknown);
  });

  test('before the bytes have arrived', async () => {
    const { token } = await files.createFile(pat);
    const awaiting = { status: 'AWAITING_BYTES' };
    expect(await refusalOf(get(token, { by: stranger }))).toEqual([409, 'ILLEGAL_STATE', awaiting]);
  });
});

describe('a token gives the bytes', () => {
  test.each(['READ', 'FULL'])('to any signed-in user who has it: %s', async (accessLevel) => {
    const { token } = await newToken(await files.uploadedFile(pat, bytes), { accessLevel });
    const response = await get(token, { by: stranger });
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('to anybody where operators allow it, and no longer', async () => {
    const { token } = await newToken(await files.uploadedFile(pat, bytes));
    await settings({ anonymousTokens: true });
    expect((await get(token)).status).toBe(200);
    expect((await get(token, { headers: { authorization: 'Bearer old' } })).status).toBe(200);
    expect(await refusalOf(get('cgf_guess'))).toEqual(unknown);
    await settings({ anonymousTokens: false });
    expect((await get(token)).status).toBe(401);
  });

  test('in parts, and not to who has them already', async () => {
    const { token } = await files.uploadedFile(pat, bytes);
    const ask = (headers: Record<string, string>) => get(token, { by: stranger, headers });
    const part = await ask({ range: 'bytes=10-19' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/1000']);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
    const etag = part.headers.get('etag') ?? '';
    expect((await ask({ 'if-none-match': etag })).status).toBe(304);
    expect((await ask({ range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200);
    expect((await ask({ range: 'bytes=1000-' })).status).toBe(416);
    const head = await get(token, { by: stranger, method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '1000']);
  });
});

describe('a token for single use', () => {
  const single = async () => {
    const created = await files.uploadedFile(pat, bytes);
    return (await newToken(created, { singleUse: true })).token;
  };

  test('gives the bytes once', async () => {
    const token = await single();
    expect((await get(token, { by: stranger })).status).toBe(200);
    expect(await refusalOf(get(token, { by: stranger }))).toEqual(unknown);
  });

  test('is used up by a part, too', async () => {
    const token = await single();
    expect((await get(token, { by: stranger, headers: { range: 'bytes=0-9' } })).status).toBe(206);
    expect(await refusalOf(get(token, { by: stranger, headers: { range: 'bytes=10-19' } }))).toEqual(unknown);
  });

  test('gives the bytes to one of many who ask at the same time', async () => {
    const token = await single();
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(token, { by: stranger })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(404)]);
  });

  test('is not used up by an answer without bytes', async () => {
    const token = await single();
    const head = await get(token, { by: stranger, method: 'HEAD' });
    expect(head.status).toBe(200);
    const etag = head.headers.get('etag') ?? '';
    expect((await get(token, { by: stranger, headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await get(token, { by: stranger, headers: { range: 'bytes=5000-' } })).status).toBe(416);
    expect((await get(token, { by: stranger, query: '?width=10' })).status).toBe(400);
    expect((await get(token, { by: stranger, query: '?width=0' })).status).toBe(400);
    expect((await get(token)).status).toBe(401);
    expect((await get(token, { by: stranger })).status).toBe(200);
  });

  test('is not used up while its file is damaged', async () => {
    const service = await startFileService();
    const quinn = service.know({ userId: randomUUID() });
    const { id } = await service.uploadedFile(quinn, bytes);
    const input = { fileId: id, singleUse: true };
    const { data } = await service.graph.execute('files', {
      query: createFileTokenMutation,
      variables: { input },
      identity: quinn,
    });
    const url = `${service.url}/files/tokens/${data.createFileToken.token.token}`;
    const repairs = await Promise.all((await storedObjects(service)).map(damage));
    expect((await refusalOf(fetch(url, { headers: withToken(quinn) }))).slice(0, 2)).toEqual([500, 'FILE_DAMAGED']);
    for (const repair of repairs) await repair();
    const response = await fetch(url, { headers: withToken(quinn) });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    await service.close();
  });
});

describe('what operators let browsers show', () => {
  const dispositionOf = async (mimeType: string) => {
    const { token } = await files.uploadedFile(pat, Buffer.from('hello'), { name: 'a b.txt', mimeType });
    const { headers } = await get(token, { by: stranger });
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    return headers.get('content-disposition')?.split(';', 1)[0];
  };

  test('is nothing unless they say so', async () => {
    expect(await dispositionOf('text/plain')).toBe('attachment');
  });

  test('is the types that they name, whatever their parameters, and no other', async () => {
    await settings({ disableForceDownloadForMimeTypes: ['text/plain'] });
    expect(await dispositionOf('text/plain')).toBe('inline');
    expect(await dispositionOf('Text/Plain; charset=utf-8')).toBe('inline');
    expect(await dispositionOf('text/html')).toBe('attachment');
    expect(await dispositionOf('text/plain-as-day')).toBe('attachment');
  });

  test('is everything where they say so', async () => {
    await settings({ disableForceDownloadForMimeTypes: ['*/*'] });
    expect(await dispositionOf('text/html')).toBe('inline');
  });
});
