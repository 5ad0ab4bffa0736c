// The store of bytes goes away in the middle of things: nothing half is to be had, and nothing that was whole is lost.
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
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
import { describeFilesOnS3 } from '../support/describe-files.ts';
import { eventually, refusal } from '../support/file-client.ts';
import { patch, tus } from '../support/tus-client.ts';

const mebibyte = 1_024 * 1_024;
/** Several parts of an upload to S3. */
const trace = randomBytes(16 * mebibyte + 17);
const away = { status: 503, code: 'SERVICE_UNAVAILABLE' };

describeFilesOnS3('a store that goes away', (world, objects, server) => {
  const urlOf = ({ id }: { id: string }) => `${world.shape.url}/files/${id}`;
  const download = (file: { id: string }) => getBytes(urlOf(file), bearer(world.clinic.pat));
  const known = async ({ id }: { id: string }) => (await world.clinic.pat.run(fileOperations.file, { id })).file;

  async function expectWhole(file: { id: string }, bytes: Buffer): Promise<void> {
    expect(await known(file)).toMatchObject({ status: 'READY', size: bytes.length, sha256: sha256Of(bytes) });
    const whole = await download(file);
    expect([whole.status, whole.bytes.equals(bytes)]).toEqual([200, true]);
  }

  /** Nothing is known of bytes, and nobody gets any. */
  async function expectNothingOf(file: NewFile): Promise<void> {
    const nothing = { status: 'AWAITING_BYTES', size: null, sha256: null, downloadUrl: null };
    expect(await known(file)).toMatchObject(nothing);
    expect(await download(file)).toMatchObject({ status: 409, code: 'ILLEGAL_STATE' });
  }

  /** Sends bytes, of which the last come when the store, which has begun to take the first, has crashed. */
  async function crashAmid(bytes: Buffer, send: (body: ReadableStream) => Promise<unknown>): Promise<void> {
    const before = server().requests().length;
    const crashes = new EventEmitter();
    const crashed = once(crashes, 'crash');
    const body = async function* () {
      const held = bytes.length - 17;
      for (let at = 0; at < held; at += 65_536) yield bytes.subarray(at, Math.min(at + 65_536, held));
      await crashed;
      yield bytes.subarray(held);
    };
    const answer = send(Readable.toWeb(Readable.from(body(), { objectMode: false })) as ReadableStream);
    const begun = () =>
      server()
        .requests()
        .slice(before)
        .some((request) => request.includes('partNumber='));
    await eventually(async () => begun());
    expect(begun()).toBe(true);
    await server().crash();
    crashes.emit('crash');
    await answer;
  }

  /** Whatever the answer, if there is one before the connection is cut, it says what is the matter. */
  async function expectFailure(answer: Promise<{ status: number; code: string | undefined }>): Promise<void> {
    const cut = (error: unknown) => {
      expect(error).toBeInstanceOf(TypeError); // how fetch calls a connection that was cut
      return away;
    };
    expect(await answer.catch(cut)).toMatchObject(away);
  }

  test('amid a PUT: the upload fails, and can be done again when the store is back', async () => {
    const { pat } = world.clinic;
    const complete = await uploadedFile(pat, trace);
    const file = await createFile(pat);
    const before = new Set(await objects.keys());
    await crashAmid(trace, (body) =>
      expectFailure(
        fetch(file.uploadUrl, { method: 'PUT', body, duplex: 'half' } as RequestInit).then((answer) => refusal(answer)),
      ),
    );
    await expectNothingOf(file);
    expect(await known(complete)).toMatchObject({ status: 'READY', size: trace.length });
    expect(await download(complete)).toMatchObject(away);
    expect(await refusal(await put(file.uploadUrl, trace))).toMatchObject(away);

    await server().restart();
    await expectNothingOf(file);
    const added = async () => (await objects.keys()).filter((key) => !before.has(key));
    expect(await added()).toEqual([]);
    await expectWhole(complete, trace);
    expect((await put(file.uploadUrl, trace)).status).toBe(201);
    await expectWhole(file, trace);
    expect(await added()).toHaveLength(1);
  });

  test('amid a resumable upload: it goes on from what was kept', async () => {
    const { pat } = world.clinic;
    const complete = await uploadedFile(pat, trace);
    const file = await createFile(pat);
    const url = file.resumableUploadUrl;
    const kept = 2 * mebibyte;
    const offset = async () => (await tus('HEAD', url)).headers.get('upload-offset');
    const announced = { 'upload-length': `${trace.length}` };
    expect((await patch(url, 0, trace.subarray(0, kept), announced)).status).toBe(204);
    await crashAmid(trace.subarray(kept), (body) => expectFailure(patch(url, kept, body)));
    await expectNothingOf(file);
    expect(await offset()).toBe(`${kept}`);
    expect(await patch(url, kept, trace.subarray(kept))).toMatchObject(away);

    await server().restart();
    await expectNothingOf(file);
    expect(await offset()).toBe(`${kept}`);
    await expectWhole(complete, trace);
    expect(await uploadResumable(trace, { uploadUrl: url })).toBeDefined();
    await expectWhole(file, trace);
  });

  test('amid a download: it is cut off, and whole when the store is back', async () => {
    const { pat } = world.clinic;
    const file = await uploadedFile(pat, trace);
    server().holdDownloads(Math.floor(trace.length / 2));
    const response = await fetch(urlOf(file), { headers: bearer(pat) });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, `${trace.length}`]);
    const got: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of response.body ?? []) {
        got.push(chunk);
        if (got.length === 1) await server().crash();
      }
    })();
    // Not like a file that ends there.
    await expect(reading).rejects.toThrow('terminated');
    const bytes = Buffer.concat(got);
    expect(bytes.length).toBeLessThan(trace.length);
    expect(bytes.equals(trace.subarray(0, bytes.length))).toBe(true);
    expect(await download(file)).toMatchObject(away);

    await server().restart();
    await expectWhole(file, trace);
  });
});
