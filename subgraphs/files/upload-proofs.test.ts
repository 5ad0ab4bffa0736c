// Who may upload the bytes of a file, and what an upload may say of itself, over real HTTP.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, put, refusal, withToken } from '../../tests/support/file-client.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
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

describe('who may upload', () => {
  test('nobody without a proof, or with one for something else', async () => {
    const { id, uploadUrl } = await files.createFile(pat);
    const other = await files.createFile(pat);
    const grants = createFileGrants('a secret that only tests know, 32+ characters', () => Date.now());
    const forgers = createFileGrants('another secret, that is as long as the real one', () => Date.now());
    const at = `${files.url}/files/${id}`;
    const attempts = {
      'no proof': put(at, 'x'),
      'an unknown token': put(at, 'x', { authorization: 'Bearer guess' }),
      'no grant': put(`${at}?grant=`, 'x'),
      'two grants': put(`${uploadUrl}&grant=x`, 'x'),
      'a forged grant': put(`${at}?grant=${await forgers.issue(pat.userId, { fileId: id, operation: 'put' })}`, 'x'),
      'a download grant': put(`${at}?grant=${await grants.issue(pat.userId, { fileId: id, operation: 'get' })}`, 'x'),
      'a grant to resume': put(
        `${at}?grant=${await grants.issue(pat.userId, { fileId: id, operation: 'resume' })}`,
        'x',
      ),
      "another file's grant": put(other.uploadUrl.replace(other.id, id), 'x'),
      'an unsigned grant': put(`${at}?grant=${unsigned(uploadUrl)}`, 'x'),
    };
    for (const [attempt, response] of Object.entries(attempts)) {
      expect([attempt, await refusal(await response)]).toEqual([
        attempt,
        expect.objectContaining({ status: 401, code: 'UNAUTHENTICATED' }),
      ]);
    }
    expect((await put(uploadUrl, 'x')).status).toBe(201);
  });

  test('nobody after the hour for which the URL is good', async () => {
    const { uploadUrl } = await files.createFile(pat);
    ahead = 3_601_000;
    expect(await refusal(await put(uploadUrl, 'x'))).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    ahead = 3_590_000;
    expect((await put(uploadUrl, 'x')).status).toBe(201);
    ahead = 0;
  });

  test('nobody who is no longer known', async () => {
    const gone = files.know({ userId: randomUUID() });
    const { uploadUrl } = await files.createFile(gone);
    files.forget(gone);
    expect(await refusal(await put(uploadUrl, 'x'))).toMatchObject({ status: 401 });
  });

  test('not others: who sees the file is forbidden, to who does not it is not there', async () => {
    const { id } = await files.createFile(pat);
    const stranger = files.know({ userId: randomUUID() });
    const auditor = files.know({ userId: randomUUID(), permissions: ['VIEW_FILES'] });
    const to = (fileId: string, person: Person) => put(`${files.url}/files/${fileId}`, 'x', withToken(person));
    expect(await refusal(await to(id, auditor))).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    const unseen = await refusal(await to(id, stranger));
    expect(unseen).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await refusal(await to(randomUUID(), pat))).toEqual(unseen);
    expect(await refusal(await to('no-id', pat))).toEqual(unseen);
  });

  test('the creator, with an access token alone', async () => {
    const { id } = await files.createFile(pat);
    expect((await put(`${files.url}/files/${id}`, 'x', withToken(pat))).status).toBe(201);
  });

  test('each upload is in the log of events', async () => {
    const { id } = await files.uploadedFile(pat, randomBytes(3));
    const log = (await files.graph.readLog()).filter(({ content }) => content.fileId === id);
    expect(log.map(({ type, content }) => ({ type, content }))).toEqual([
      { type: 'file_created', content: { fileId: id, creatorId: pat.userId } },
      { type: 'file_token_created', content: { fileId: id, tokenId: expect.any(String), accessLevel: 'FULL' } },
      { type: 'file_uploaded', content: { fileId: id, creatorId: pat.userId } },
    ]);
  });
});

describe('what an upload may say', () => {
  test.each([
    ['a part of a file', { 'content-range': 'bytes 0-9/100' }],
    ['a digest that is none', { 'repr-digest': 'sha-256=abc' }],
    [
      'two digests that differ',
      { 'repr-digest': digestOf(Buffer.from('x')), 'content-digest': digestOf(Buffer.from('y')) },
    ],
    ['a content type that is none', { 'content-type': 'nonsense' }],
  ])('not %s', async (_what, headers) => {
    const { uploadUrl } = await files.createFile(pat);
    expect(await refusal(await put(uploadUrl, 'x', headers))).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect((await put(uploadUrl, 'x')).status).toBe(201);
  });

  test.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'a body of type %s is bytes like any other',
    async (type) => {
      const { id, uploadUrl } = await files.createFile(pat, { mimeType: 'text/csv' });
      expect((await put(uploadUrl, '{ broken', { 'content-type': type })).status).toBe(201);
      const download = await fetch(await files.downloadUrl(pat, id));
      expect(await download.text()).toBe('{ broken');
      expect(download.headers.get('content-type')).toBe('text/csv');
    },
  );

  test('digests of kinds that are not known here are passed over', async () => {
    const { uploadUrl } = await files.createFile(pat);
    const headers = { 'repr-digest': `sha-512=:AAAA:, ${digestOf(Buffer.from('x'))};p=1` };
    expect((await put(uploadUrl, 'x', headers)).status).toBe(201);
  });
});

/** The grant of a URL, its signature taken off and its algorithm set to none. */
function unsigned(url: string): string {
  const [, payload] = (new URL(url).searchParams.get('grant') ?? '').split('.');
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
}
