// Bytes come in: whole, as a form, resumed where they were cut off; and what is refused leaves nothing behind.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import type { NewFile } from '../support/api-files.ts';
import {
  bearer,
  createFile,
  fileOperations,
  getBytes,
  put,
  sha256Of,
  uploadedFile,
  uploadResumable,
} from '../support/api-files.ts';
import { describeFilesOnEveryStore } from '../support/describe-files.ts';
import { digestOf, eventually, refusal } from '../support/file-client.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { metadata, patch, tus } from '../support/tus-client.ts';

const trace = randomBytes(12 * 1_024 * 1_024 + 17);
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** `code`: of a refusal. */
async function codeOf(response: Response): Promise<{ status: number; code: string | undefined }> {
  return response.status < 400 ? { status: response.status, code: undefined } : refusal(response);
}

describeFilesOnEveryStore(
  'uploads',
  (world, objects) => {
    const urlOf = ({ id }: { id: string }) => `${world.shape.url}/files/${id}`;
    const known = async (viewer: GraphqlClient, { id }: { id: string }) =>
      (await viewer.run(fileOperations.file, { id })).file;

    function postForm(viewer: GraphqlClient, bytes: Buffer, name: string): Promise<Response> {
      const form = new FormData();
      form.append('name', name);
      form.append('file', new Blob([bytes], { type: 'application/octet-stream' }), 'sent.bin');
      return fetch(`${world.shape.url}/files`, { method: 'POST', headers: bearer(viewer), body: form });
    }

    /** Nothing is known of bytes, and nobody gets any. */
    async function expectNothingOf(file: NewFile): Promise<void> {
      const { pat } = world.clinic;
      expect(await known(pat, file)).toMatchObject({
        status: 'AWAITING_BYTES',
        size: null,
        sha256: null,
        downloadUrl: null,
      });
      expect(await getBytes(urlOf(file), bearer(pat))).toMatchObject({ status: 409, code: 'ILLEGAL_STATE' });
    }

    async function expectWhole(file: { id: string }, bytes: Buffer): Promise<void> {
      const { pat } = world.clinic;
      const seen = await known(pat, file);
      expect(seen).toMatchObject({ status: 'READY', size: bytes.length, sha256: sha256Of(bytes) });
      const whole = await getBytes(seen.downloadUrl);
      expect([whole.status, whole.bytes.equals(bytes)]).toEqual([200, true]);
      const [from, to] = [Math.floor(bytes.length / 3), Math.floor(bytes.length / 2)];
      const part = await getBytes(urlOf(file), { ...bearer(pat), range: `bytes=${from}-${to}` });
      expect([part.status, part.bytes.equals(bytes.subarray(from, to + 1))]).toEqual([206, true]);
    }

    test('in one go by PUT; what lies in the store is not what was sent', async () => {
      const before = new Set(await objects.keys());
      const file = await uploadedFile(world.clinic.pat, trace);
      await expectWhole(file, trace);
      const added = (await objects.keys()).filter((key) => !before.has(key));
      expect(added).toHaveLength(1);
      const stored = await objects.read(added[0] ?? '');
      expect(stored.includes(trace.subarray(1_000, 1_032))).toBe(false);
    });

    test('an empty file is a file', async () => {
      const file = await uploadedFile(world.clinic.pat, Buffer.alloc(0));
      expect(await known(world.clinic.pat, file)).toMatchObject({ status: 'READY', size: 0 });
      expect(await getBytes(urlOf(file), bearer(world.clinic.pat))).toMatchObject({
        status: 200,
        bytes: Buffer.alloc(0),
      });
    });

    test('as a form, with its fields before or behind the file', async () => {
      const { pat } = world.clinic;
      for (const order of ['before', 'behind'] as const) {
        const form = new FormData();
        const fields = () => {
          form.append('name', `${order}.png`);
          form.append('tags', 'a');
          form.append('tags', 'b');
        };
        if (order === 'before') fields();
        form.append('file', new Blob([png], { type: 'image/png' }), 'picture.png');
        if (order === 'behind') fields();
        const response = await fetch(`${world.shape.url}/files`, { method: 'POST', headers: bearer(pat), body: form });
        const answer = (await response.json()) as { id: string; token: string };
        expect([response.status, answer]).toEqual([
          201,
          expect.objectContaining({
            name: `${order}.png`,
            mimeType: 'image/png',
            size: png.length,
            sha256: sha256Of(png),
            tags: ['a', 'b'],
          }),
        ]);
        await expectWhole(answer, png);
        expect((await pat.run(fileOperations.fileByToken, { token: answer.token })).fileByToken.id).toBe(answer.id);
      }
      const form = new FormData();
      form.append('file', new Blob([png]), 'picture.png');
      const anonymous = await fetch(`${world.shape.url}/files`, { method: 'POST', body: form });
      expect(await refusal(anonymous)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    });

    test('resumable by a client of the TUS protocol, cut off and resumed', async () => {
      const file = await createFile(world.clinic.pat);
      const upload = { uploadUrl: file.resumableUploadUrl, chunkSize: 1_024 * 1_024 };
      expect(await uploadResumable(trace, { ...upload, cutAfter: 3_500_000 })).toBeUndefined();
      await expectNothingOf(file);
      const arrived = await fetch(file.resumableUploadUrl, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
      const offset = Number(arrived.headers.get('upload-offset'));
      expect(offset).toBeGreaterThan(1_000_000);
      expect(offset).toBeLessThan(trace.length);
      expect(await uploadResumable(trace, upload)).toBeDefined();
      await expectWhole(file, trace);
    });

    test('resumable without createFile: the upload makes the file', async () => {
      const { pat } = world.clinic;
      const options = {
        endpoint: `${world.shape.url}/files/uploads`,
        headers: bearer(pat),
        metadata: { filename: 'made by upload.bin', filetype: 'application/octet-stream' },
      };
      const url = await uploadResumable(trace, options);
      const [, id = ''] = /\/files\/uploads\/([^?]+)/.exec(url ?? '') ?? [];
      expect(await known(pat, { id })).toMatchObject({ name: 'made by upload.bin', creator: { id: pat.userId } });
      await expectWhole({ id }, trace);
      const anonymous = { ...options, headers: {} };
      await expect(uploadResumable(trace, anonymous)).rejects.toThrow('401');
    });

    test('of uploads of one file at the same time one wins, and its bytes are whole', async () => {
      const { pat } = world.clinic;
      const file = await createFile(pat);
      const candidates = Array.from({ length: 4 }, () => randomBytes(600_000));
      const answers = await Promise.all(candidates.map((bytes) => put(file.uploadUrl, bytes)));
      const statuses = answers.map(({ status }) => status);
      expect([...statuses].sort()).toEqual([201, 409, 409, 409]);
      await expectWhole(file, candidates[statuses.indexOf(201)] ?? Buffer.alloc(0));
    });

    test.each([
      ['a wrong checksum', { 'content-digest': digestOf(Buffer.from('other')) }, 400, 'BAD_REQUEST'],
      ['a part of a file', { 'content-range': 'bytes 0-9/100' }, 400, 'BAD_REQUEST'],
    ])('%s leaves nothing', async (_what, headers, status, code) => {
      const before = (await objects.keys()).length;
      const file = await createFile(world.clinic.pat);
      expect(await refusal(await put(file.uploadUrl, trace, headers))).toMatchObject({ status, code });
      await expectNothingOf(file);
      await eventually(async () => (await objects.keys()).length === before);
      expect((await objects.keys()).length).toBe(before);
      expect((await put(file.uploadUrl, png)).status).toBe(201);
    });

    test('an upload that is cut off leaves nothing, and can be done again', async () => {
      const before = new Set(await objects.keys());
      const added = async () => (await objects.keys()).filter((key) => !before.has(key));
      const file = await createFile(world.clinic.pat);
      const { hostname, port, pathname, search } = new URL(file.uploadUrl);
      const socket = connect(Number(port), hostname);
      socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${trace.length}\r\n\r\n`);
      await new Promise((resolve) => socket.write(trace.subarray(0, 5_000_000), resolve));
      socket.destroy();
      await expectNothingOf(file);
      await eventually(async () => (await added()).length === 0);
      expect(await added()).toEqual([]);
      expect((await put(file.uploadUrl, png)).status).toBe(201);
      await expectWhole(file, png);
      await eventually(async () => (await added()).length === 1);
      expect(await added()).toHaveLength(1);
    });

    test('a resumable upload longer than announced is refused; what was there stays, and it can be ended', async () => {
      const file = await createFile(world.clinic.pat);
      const url = file.resumableUploadUrl;
      const bytes = randomBytes(3_000_000);
      const kept = 2_000_000;
      const announced = { 'upload-length': `${bytes.length}` };
      expect((await patch(url, 0, bytes.subarray(0, kept), announced)).status).toBe(204);
      const tooMuch = Buffer.concat([bytes.subarray(kept), Buffer.from('!')]);
      // Of a body without a length, only the bytes themselves show that they are too many.
      for (const body of [tooMuch, new Blob([tooMuch]).stream()]) {
        expect(await patch(url, kept, body)).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' });
        await expectNothingOf(file);
        expect((await tus('HEAD', url)).headers.get('upload-offset')).toBe(`${kept}`);
      }
      expect((await patch(url, kept, bytes.subarray(kept))).status).toBe(204);
      await expectWhole(file, bytes);
    });

    test('more than allowed is refused, announced or not', async () => {
      const file = await createFile(world.clinic.pat);
      const large = Buffer.alloc(20 * 1_024 * 1_024 + 1);
      expect(await refusal(await put(file.uploadUrl, large))).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' });
      const announced = await fetch(file.uploadUrl, { method: 'PUT', body: large });
      expect(await refusal(announced)).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' });
      await expect(uploadResumable(large, { uploadUrl: file.resumableUploadUrl })).rejects.toThrow('413');
      await expectNothingOf(file);
    });

    test('bytes of another type than was said are refused', async () => {
      const file = await createFile(world.clinic.pat, { name: 'report.pdf', mimeType: 'application/pdf' });
      const refused = await refusal(await put(file.uploadUrl, png));
      expect(refused).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
      expect(refused.message).toMatch(/application\/pdf.*image\/png/);
      await expectNothingOf(file);
    });

    test.each([
      ['a path', '../../etc/passwd'],
      ['a path of Windows', 'a\\b'],
      ['a line break', 'a\nb'],
      ['a zero byte', 'a\u0000b'],
      ['10,000 characters', 'x'.repeat(10_000)],
      ['nothing', ''],
      ['the folder above', '..'],
      ['text that runs backwards', 'gpj.\u202Eexe'],
    ])('a name that is %s is refused by every way of upload', async (_what, name) => {
      const { pat } = world.clinic;
      const { errors } = await pat.ask(fileOperations.createFile, { input: { name } });
      expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
      expect(errors?.[0]?.message).toContain('input.name');

      const before = new Set(await objects.keys());
      const byForm = await refusal(await postForm(pat, png, name));
      expect(byForm).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      expect(byForm.message).toMatch(/^name:? /);
      const headers = { ...bearer(pat), ...metadata({ filename: name }), 'upload-length': '10' };
      const byTus = await tus('POST', `${world.shape.url}/files/uploads`, { headers });
      expect(byTus).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      expect(byTus.message).toContain('filename');
      const added = async () => (await objects.keys()).filter((key) => !before.has(key));
      await eventually(async () => (await added()).length === 0);
      expect(await added()).toEqual([]);
    });

    test('limits of the settings hold, however bytes come: of a file, and of all files of a user', async () => {
      const { admin, quinn } = world.clinic;
      const change = (input: object) => admin.run(fileOperations.updateFileSettings, { input });
      const send: ((bytes: Buffer) => Promise<{ status: number; code: string | undefined }>)[] = [
        async (bytes) => codeOf(await put((await createFile(quinn)).uploadUrl, bytes)),
        async (bytes) => codeOf(await postForm(quinn, bytes, 'form.bin')),
        async (bytes) => {
          const announced = { 'upload-length': `${bytes.length}` };
          return patch((await createFile(quinn)).resumableUploadUrl, 0, bytes, announced);
        },
        async (bytes) => {
          const headers = { ...bearer(quinn), ...metadata({ filename: 'a.bin' }), 'upload-length': `${bytes.length}` };
          const created = await tus('POST', `${world.shape.url}/files/uploads`, { headers });
          return created.status === 201 ? patch(created.headers.get('location') ?? '', 0, bytes) : created;
        },
      ];
      const tooLarge = { status: 413, code: 'FILE_TOO_LARGE' };
      const exceeded = { status: 413, code: 'QUOTA_EXCEEDED' };
      await change({ maximumFileBytes: 1_000, maximumBytesPerUser: 4_000 });
      try {
        const one = await createFile(quinn);
        expect((await put(one.uploadUrl, Buffer.alloc(1_000))).status).toBe(201);
        for (const way of send) expect(await way(Buffer.alloc(1_001))).toMatchObject(tooLarge);
        // 3,000 bytes are left: all ways together may have no more.
        for (const way of send) expect(await way(Buffer.alloc(700))).toMatchObject({ code: undefined });
        for (const way of send) expect(await way(Buffer.alloc(201))).toMatchObject(exceeded);
        expect(await send[0]?.(Buffer.alloc(200))).toMatchObject({ status: 201 });
        for (const way of send) expect(await way(Buffer.alloc(1))).toMatchObject(exceeded);
        await quinn.run(fileOperations.deleteFile, { input: { fileId: one.id } });
        for (const way of send) expect(await way(Buffer.alloc(250))).toMatchObject({ code: undefined });
        for (const way of send) expect(await way(Buffer.alloc(1))).toMatchObject(exceeded);
      } finally {
        await change({ maximumFileBytes: null, maximumBytesPerUser: null });
      }
    });

    test('only the creator uploads, and only with a proof that is good', async () => {
      const { pat, quinn } = world.clinic;
      const file = await createFile(pat);
      const forged = file.uploadUrl.replace(/grant=.{10}/, 'grant=AAAAAAAAAA');
      expect(await refusal(await put(forged, png))).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
      expect(await refusal(await put(urlOf(file), png))).toMatchObject({ status: 401 });
      expect(await refusal(await put(urlOf(file), png, bearer(quinn)))).toMatchObject({ status: 404 });
      const otherGrant = `${file.resumableUploadUrl.split('?')[0]}?${file.uploadUrl.split('?')[1]}`;
      const head = await fetch(otherGrant, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
      expect(head.status).toBe(401);
      await expectNothingOf(file);
    });
  },
  { environment: { MAX_FILE_BYTES: `${20 * 1_024 * 1_024}` } },
);
