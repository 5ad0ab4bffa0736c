// Bytes: a patient uploads an ECG trace, links it to a document, and who sees the document gets the same bytes.

import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';

const oneFile =
  'query ($id: ID!) { file(id: $id) { id name mimeType size sha256 tags creator { firstName } downloadUrl } }';
const trace = Buffer.concat(Array.from({ length: 20 }, () => randomBytes(1_024 * 1_024)));
const sha256 = createHash('sha256').update(trace).digest('hex');

describeClinic('files', (world) => {
  const upload = (url: string, bytes: Buffer, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: Readable.toWeb(Readable.from(chunks(bytes))) as ReadableStream,
      duplex: 'half',
    } as RequestInit);

  test('an ECG trace of 20 MB reaches Jane through the document, and nobody else', async () => {
    const { pat, jane, karim, quinn, schemaName } = world.clinic;
    const input = { name: 'ecg.bin', mimeType: 'application/octet-stream', tags: ['ecg'] };
    const { file, uploadUrl } = (await pat.run(mutations.createFile, { input })).createFile;
    expect((await pat.run(oneFile, { id: file.id })).file.downloadUrl).toBeNull();
    const uploaded = await upload(uploadUrl, trace);
    expect([uploaded.status, await uploaded.json()]).toEqual([201, { id: file.id, size: trace.length, sha256 }]);

    const create = { schemaName, data: { systolic: 120 } };
    const document = (await pat.run(mutations.createDocument, { input: create })).createDocument.document;
    expect((await jane.run(oneFile, { id: file.id })).file).toBeNull();
    const linked = await pat.run(mutations.linkDocument, { input: { id: document.id, fileIds: [file.id] } });
    expect(linked.linkDocument.document.files).toEqual([{ id: file.id }]);

    const seen = (await jane.run(oneFile, { id: file.id })).file;
    expect(seen).toMatchObject({
      name: 'ecg.bin',
      size: trace.length,
      sha256,
      tags: ['ecg'],
      creator: { firstName: 'Pat' },
    });
    const nested = 'query ($id: ID!) { document(id: $id) { files { id name } } }';
    expect((await jane.run(nested, { id: document.id })).document.files).toEqual([{ id: file.id, name: 'ecg.bin' }]);
    const downloaded = await fetch(seen.downloadUrl);
    expect(downloaded.status).toBe(200);
    expect(
      createHash('sha256')
        .update(Buffer.from(await downloaded.arrayBuffer()))
        .digest('hex'),
    ).toBe(sha256);
    const part = await fetch(seen.downloadUrl, { headers: { range: 'bytes=1000-1999' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(trace.subarray(1_000, 2_000))).toBe(true);

    for (const stranger of [karim, quinn]) {
      expect((await stranger.run(oneFile, { id: file.id })).file).toBeNull();
      expect((await stranger.run('{ files { totalCount nodes { id } } }')).files).toEqual({ totalCount: 0, nodes: [] });
      expect(await statusWithToken(stranger, file.id)).toBe(404);
    }
    expect(await statusWithToken(jane, file.id)).toBe(200);
    expect((await fetch(`${world.shape.url}/files/${file.id}`)).status).toBeGreaterThanOrEqual(401);
  }, 300_000);

  const statusWithToken = async (viewer: GraphqlClient, id: string): Promise<number> => {
    const response = await fetch(`${world.shape.url}/files/${id}`, {
      headers: { authorization: `Bearer ${viewer.token}` },
    });
    await response.arrayBuffer();
    return response.status;
  };

  test('who may not see a file cannot gain it by linking it to a document of their own', async () => {
    const { pat, quinn, schemaName } = world.clinic;
    const { file, uploadUrl } = (await pat.run(mutations.createFile, { input: { name: 'private.bin' } })).createFile;
    await upload(uploadUrl, Buffer.from('private'));
    const create = { schemaName, data: { systolic: 99 } };
    const own = (await quinn.run(mutations.createDocument, { input: create })).createDocument.document;
    const refused = await quinn.ask(mutations.linkDocument, { input: { id: own.id, fileIds: [file.id] } });
    expect(refused.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await quinn.run(oneFile, { id: file.id })).file).toBeNull();
  });

  test('a second upload, a wrong checksum and a forged URL are refused', async () => {
    const { pat } = world.clinic;
    const { file, uploadUrl } = (await pat.run(mutations.createFile, { input: { name: 'note.txt' } })).createFile;
    const digest = { 'content-digest': `sha-256=:${createHash('sha256').update('other').digest('base64')}:` };
    expect((await upload(uploadUrl, Buffer.from('text'), digest)).status).toBe(400);
    expect((await pat.run(oneFile, { id: file.id })).file.size).toBeNull();
    expect((await upload(uploadUrl, Buffer.from('text'))).status).toBe(201);
    expect((await upload(uploadUrl, Buffer.from('more'))).status).toBe(409);
    const forged = uploadUrl.replace(/grant=.{10}/, 'grant=AAAAAAAAAA');
    expect((await upload(forged, Buffer.from('text'))).status).toBe(401);
  });
});

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
