// Who gets at a file and by what: the rule, the URL of a moment, tokens; and what ends that.
import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import type { NewFile } from '../support/api-files.ts';
import { bearer, createFile, fileOperations, getBytes, put, uploadedFile } from '../support/api-files.ts';
import { mutations } from '../support/clinic.ts';
import { describeFilesOnEveryStore } from '../support/describe-files.ts';
import { eventually } from '../support/file-client.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';

const bytes = Buffer.from('what only some may read');

describeFilesOnEveryStore('access to files', (world, objects) => {
  const urlOf = ({ id }: { id: string }) => `${world.shape.url}/files/${id}`;
  const tokenUrl = (token: string, query = '') => `${world.shape.url}/files/tokens/${token}${query}`;
  const newToken = async (who: GraphqlClient, input: object) =>
    (await who.run(fileOperations.createFileToken, { input })).createFileToken.token;
  const revoke = (who: GraphqlClient, input: object) => who.ask(fileOperations.revokeFileToken, { input });
  const faultOf = async (who: GraphqlClient, query: string, variables: Record<string, unknown>) => {
    const { errors } = await who.ask(query, variables);
    return { code: errors?.[0]?.extensions.code, number: errors?.[0]?.extensions.details?.code };
  };

  /** On every path the same; `documentId` is a document that the file is linked to. */
  async function expectSeen(viewer: GraphqlClient, file: NewFile, seen: boolean, documentId?: string): Promise<void> {
    expect((await viewer.run(fileOperations.file, { id: file.id })).file?.id).toBe(seen ? file.id : undefined);
    const listed = (await viewer.run(fileOperations.files, { filter: { id: { eq: file.id } } })).files;
    expect(listed).toEqual({ totalCount: seen ? 1 : 0, nodes: seen ? [{ id: file.id }] : [] });
    const nested =
      'query ($id: ID!, $file: ID!) { user(id: $id) { files(filter: { id: { eq: $file } }) { totalCount nodes { id } } } }';
    const created = (await viewer.run(nested, { id: world.clinic.pat.userId, file: file.id })).user;
    if (created !== null) expect(created.files).toEqual(listed);
    if (documentId !== undefined) {
      const { document } = await viewer.run('query ($id: ID!) { document(id: $id) { files { id name } } }', {
        id: documentId,
      });
      expect(document).toEqual(seen ? { files: [{ id: file.id, name: 'trace.bin' }] } : null);
    }
    expect((await getBytes(urlOf(file), bearer(viewer))).status).toBe(seen ? 200 : 404);
  }

  test('its creator, who sees a document of it, and VIEW_FILES see a file; nobody else does, on any path', async () => {
    const { pat, jane, karim, quinn, admin, schemaName } = world.clinic;
    const file = await uploadedFile(pat, bytes);
    for (const [viewer, seen] of [
      [pat, true],
      [admin, true],
      [jane, false],
      [karim, false],
      [quinn, false],
    ] as const) {
      await expectSeen(viewer, file, seen);
    }
    const created = await pat.run(mutations.createDocument, { input: { schemaName, data: { systolic: 120 } } });
    const document = created.createDocument.document;
    await pat.run(mutations.linkDocument, { input: { id: document.id, fileIds: [file.id] } });
    for (const [viewer, seen] of [
      [pat, true],
      [jane, true],
      [karim, false],
      [quinn, false],
      [admin, true],
    ] as const) {
      await expectSeen(viewer, file, seen, document.id);
    }
    const { downloadUrl } = (await jane.run(fileOperations.file, { id: file.id })).file;
    expect((await getBytes(downloadUrl)).bytes).toEqual(bytes);
    await pat.run(mutations.deleteDocument, { input: { id: document.id } }).catch(async () => {
      await admin.run(mutations.deleteDocument, { input: { id: document.id } });
    });
    await expectSeen(jane, file, false);
    expect((await getBytes(downloadUrl)).status).toBe(404);
  });

  test('tokens: what each level shows, allows and refuses', async () => {
    const { pat, quinn } = world.clinic;
    const file = await uploadedFile(pat, bytes);
    const full = file.token;
    expect(full).toMatchObject({ accessLevel: 'FULL', expiresAt: null, singleUse: false });
    const read = await newToken(pat, { fileId: file.id });
    expect(read.accessLevel).toBe('READ');

    const byRead = (await quinn.run(fileOperations.fileByToken, { token: read.token })).fileByToken;
    expect(byRead).toMatchObject({ id: file.id, size: bytes.length, creator: null, tokens: null });
    const byFull = (await quinn.run(fileOperations.fileByToken, { token: full.token })).fileByToken;
    expect(byFull).toMatchObject({ id: file.id, creator: { id: pat.userId } });
    expect(byFull.tokens.map(({ id }: { id: string }) => id).sort()).toEqual([full.id, read.id].sort());
    expect((await pat.run(fileOperations.file, { id: file.id })).file.tokens).toHaveLength(2);
    for (const { token } of [full, read]) {
      expect((await getBytes(tokenUrl(token), bearer(quinn))).bytes).toEqual(bytes);
      expect(await getBytes(tokenUrl(token))).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    }
    // A token gives the file, not sight of it elsewhere.
    await expectSeen(quinn, file, false);

    const { createFileToken, deleteFile, revokeFileToken } = fileOperations;
    const insufficient = { code: 'FORBIDDEN', number: 2606 };
    expect(await faultOf(quinn, createFileToken, { input: { fullToken: read.token } })).toEqual(insufficient);
    expect(await faultOf(quinn, deleteFile, { input: { token: read.token } })).toEqual(insufficient);
    expect(await faultOf(quinn, revokeFileToken, { input: { tokenId: read.id, fullToken: read.token } })).toEqual(
      insufficient,
    );
    const unknown = { code: 'NOT_FOUND', number: 2605 };
    expect(await faultOf(quinn, deleteFile, { input: { token: 'cgf_nonsense' } })).toEqual(unknown);
    expect((await getBytes(tokenUrl('cgf_nonsense'), bearer(quinn))).code).toBe('NOT_FOUND');

    expect(await faultOf(pat, revokeFileToken, { input: { tokenId: full.id } })).toEqual({
      code: 'ILLEGAL_STATE',
      number: 2607,
    });
    const made = await newToken(quinn, { fullToken: full.token, accessLevel: 'FULL' });
    expect((await revoke(pat, { tokenId: full.id })).data.revokeFileToken).toEqual({ tokenId: full.id });
    expect((await getBytes(tokenUrl(full.token), bearer(quinn))).status).toBe(404);
    expect((await quinn.run(fileOperations.fileByToken, { token: full.token })).fileByToken).toBeNull();
    expect((await revoke(quinn, { tokenId: read.id, fullToken: made.token })).data.revokeFileToken).toBeTruthy();
    expect((await getBytes(tokenUrl(read.token), bearer(quinn))).status).toBe(404);
    expect((await quinn.run(deleteFile, { input: { token: made.token } })).deleteFile).toEqual({ fileId: file.id });
    await expectSeen(pat, file, false);
  });

  test('a token with an end is good up to its last millisecond', async () => {
    const { pat, quinn } = world.clinic;
    const file = await uploadedFile(pat, bytes);
    const end = world.clock.now() + 60_000;
    const { token } = await newToken(pat, { fileId: file.id, expiresAt: new Date(end).toISOString() });
    await world.clock.stop(end - 1);
    expect((await getBytes(tokenUrl(token), bearer(quinn))).status).toBe(200);
    await world.clock.move(1);
    expect((await getBytes(tokenUrl(token), bearer(quinn))).status).toBe(404);
    await world.clock.start();
    const past = { fileId: file.id, expiresAt: new Date(end - 1).toISOString() };
    expect(await faultOf(pat, fileOperations.createFileToken, { input: past })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  test('a URL to the bytes is good for its file, its operation and its size alone', async () => {
    const { pat } = world.clinic;
    const background = '#336699';
    const picture = await sharp({ create: { width: 80, height: 40, channels: 3, background } })
      .png()
      .toBuffer();
    const image = { name: 'skin.png', mimeType: 'image/png' };
    const [file, other] = [await uploadedFile(pat, picture, image), await uploadedFile(pat, picture, image)];
    const urls = async (size: object = {}): Promise<string> =>
      (await pat.run(fileOperations.file, { id: file.id, ...size })).file.downloadUrl;
    const grantOf = (url: string) => new URL(url).searchParams.get('grant') ?? '';
    const withGrant = (url: string, grant: string) => `${url.split('?')[0]}?grant=${grant}`;
    const grants = { whole: grantOf(await urls()), small: grantOf(await urls({ width: 20 })) };
    expect(await getBytes(withGrant(urlOf(file), grants.whole))).toMatchObject({ status: 200, bytes: picture });
    const refused = { status: 401, code: 'UNAUTHENTICATED' };

    for (const grant of [grants.whole, grants.small]) {
      expect(await getBytes(withGrant(urlOf(other), grant))).toMatchObject(refused);
    }
    for (const url of [file.uploadUrl, file.resumableUploadUrl]) {
      expect(await getBytes(withGrant(urlOf(file), grantOf(url)))).toMatchObject(refused);
    }
    expect((await put(withGrant(file.uploadUrl, grants.whole), picture)).status).toBe(401);
    const head = { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } };
    expect((await fetch(withGrant(file.resumableUploadUrl, grants.whole), head)).status).toBe(401);

    // A size asked for beside the grant is refused for what it is, and one written into it makes it another grant.
    for (const grant of [grants.whole, grants.small]) {
      expect((await getBytes(`${withGrant(urlOf(file), grant)}&width=30`)).code).toBe('BAD_REQUEST');
    }
    const [header = '', payload = '', signature = ''] = grants.small.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    expect(claims.w).toBe(20);
    for (const changed of [
      { ...claims, w: 30 },
      { ...claims, w: undefined, h: undefined },
    ]) {
      const forged = [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
      expect(await getBytes(withGrant(urlOf(file), forged))).toMatchObject(refused);
    }
  });

  test('a token for a single use gives the bytes once', async () => {
    const { pat, quinn } = world.clinic;
    const file = await uploadedFile(pat, bytes);
    const { token } = await newToken(pat, { fileId: file.id, singleUse: true });
    expect((await fetch(tokenUrl(token), { method: 'HEAD', headers: bearer(quinn) })).status).toBe(200);
    const statuses = await Promise.all(
      Array.from({ length: 4 }, async () => (await getBytes(tokenUrl(token), bearer(quinn))).status),
    );
    expect(statuses.sort()).toEqual([200, 404, 404, 404]);
    const full = { fileId: file.id, singleUse: true, accessLevel: 'FULL' };
    expect(await faultOf(pat, fileOperations.createFileToken, { input: full })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  test('where the settings say so, tokens are good for who is not signed in; and they say who may read and change them', async () => {
    const { pat, admin } = world.clinic;
    const file = await uploadedFile(pat, bytes);
    expect(await faultOf(pat, fileOperations.fileSettings, {})).toMatchObject({ code: 'FORBIDDEN' });
    const change = (who: GraphqlClient, anonymousTokens: boolean) =>
      who.ask(fileOperations.updateFileSettings, { input: { anonymousTokens } });
    expect((await change(pat, true)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await change(admin, true)).data.updateFileSettings.settings.anonymousTokens).toBe(true);
    expect((await getBytes(tokenUrl(file.token.token))).bytes).toEqual(bytes);
    expect((await change(admin, false)).errors).toBeUndefined();
    expect((await getBytes(tokenUrl(file.token.token))).status).toBe(401);
  });

  test('a browser saves a file unless the settings let it show the type; it never runs it', async () => {
    const { pat, admin } = world.clinic;
    const file = await uploadedFile(pat, Buffer.from('<script>alert(1)</script>'), {
      name: 'page.html',
      mimeType: 'text/html',
    });
    const disposition = async () => {
      const { headers } = await getBytes(urlOf(file), bearer(pat));
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain('sandbox');
      return headers.get('content-disposition')?.split(';')[0];
    };
    expect(await disposition()).toBe('attachment');
    await admin.run(fileOperations.updateFileSettings, { input: { disableForceDownloadForMimeTypes: ['text/html'] } });
    expect(await disposition()).toBe('inline');
    await admin.run(fileOperations.updateFileSettings, { input: { disableForceDownloadForMimeTypes: [] } });
    expect(await disposition()).toBe('attachment');
  });

  test('a small picture of an image, by URL, access token and token; of nothing else', async () => {
    const { pat, jane, quinn } = world.clinic;
    const create = { width: 800, height: 400, channels: 3, background: '#336699' } as const;
    const picture = await sharp({ create }).jpeg().toBuffer();
    const file = await uploadedFile(pat, picture, { name: 'skin.jpg', mimeType: 'image/jpeg' });
    const small = (await pat.run(fileOperations.file, { id: file.id, width: 100 })).file.downloadUrl;
    const answers = [
      await getBytes(small),
      await getBytes(small),
      await getBytes(`${urlOf(file)}?width=100`, bearer(pat)),
      await getBytes(tokenUrl(file.token.token, '?width=100'), bearer(quinn)),
    ];
    for (const { status, bytes: thumbnail, headers } of answers) {
      expect([status, headers.get('content-type')]).toEqual([200, 'image/jpeg']);
      expect(await sharp(thumbnail).metadata()).toMatchObject({ width: 100, height: 50 });
    }
    expect((await getBytes(`${urlOf(file)}?width=100`, bearer(jane))).status).toBe(404);
    expect((await getBytes(`${urlOf(file)}?width=0`, bearer(pat))).code).toBe('BAD_REQUEST');
    const text = await uploadedFile(pat, bytes);
    expect((await getBytes(`${urlOf(text)}?width=100`, bearer(pat))).code).toBe('BAD_REQUEST');
    expect(await faultOf(pat, fileOperations.file, { id: text.id, width: 100 })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  test('a deleted file is gone: from every path, its tokens, and the store', async () => {
    const { pat, quinn, admin } = world.clinic;
    const before = await objects.keys();
    const file = await uploadedFile(pat, bytes);
    const { downloadUrl } = (await pat.run(fileOperations.file, { id: file.id })).file;
    expect(await faultOf(quinn, fileOperations.deleteFile, { input: { fileId: file.id } })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await faultOf(admin, fileOperations.deleteFile, { input: { fileId: file.id } })).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await objects.keys()).toHaveLength(before.length + 1);
    await pat.run(fileOperations.deleteFile, { input: { fileId: file.id } });
    for (const viewer of [pat, admin]) await expectSeen(viewer, file, false);
    expect((await getBytes(downloadUrl)).status).toBe(404);
    expect((await getBytes(tokenUrl(file.token.token), bearer(pat))).status).toBe(404);
    await eventually(async () => (await objects.keys()).length === before.length);
    expect((await objects.keys()).sort()).toEqual(before.sort());
  });

  test('bytes that were changed, cut, or taken from another file in the store are never given out', async () => {
    const { pat } = world.clinic;
    const large = Buffer.alloc(300_000, 7);
    const add = async () => {
      const before = new Set(await objects.keys());
      const file = await uploadedFile(pat, large);
      const key = (await objects.keys()).find((each) => !before.has(each)) ?? '';
      return { file, key, stored: await objects.read(key) };
    };
    const { file, key, stored } = await add();
    const other = await add();
    const first = Buffer.from(stored);
    first[100] = (first[100] ?? 0) ^ 1;
    for (const damaged of [first, stored.subarray(0, 50_000), other.stored]) {
      await objects.overwrite(key, damaged);
      expect(await getBytes(urlOf(file), bearer(pat))).toMatchObject({ status: 500, code: 'FILE_DAMAGED' });
    }
    const late = Buffer.from(stored);
    late[250_000] = (late[250_000] ?? 0) ^ 1;
    await objects.overwrite(key, late);
    await expect(getBytes(urlOf(file), bearer(pat))).rejects.toThrow();
    const sound = await getBytes(urlOf(file), { ...bearer(pat), range: 'bytes=0-99999' });
    expect([sound.status, sound.bytes.equals(large.subarray(0, 100_000))]).toEqual([206, true]);
    await objects.overwrite(key, stored);
    expect((await getBytes(urlOf(file), bearer(pat))).bytes.equals(large)).toBe(true);
  });

  test('ranges, conditions and methods of HTTP', async () => {
    const { pat } = world.clinic;
    const file = await uploadedFile(pat, bytes);
    const ask = (headers: Record<string, string>) => getBytes(urlOf(file), { ...bearer(pat), ...headers });
    const { headers } = await ask({});
    const etag = headers.get('etag') ?? '';
    expect(await ask({ 'if-none-match': etag })).toMatchObject({ status: 304 });
    expect(await ask({ range: 'bytes=5-8' })).toMatchObject({ status: 206, bytes: bytes.subarray(5, 9) });
    expect(await ask({ range: 'bytes=-4' })).toMatchObject({ status: 206, bytes: bytes.subarray(-4) });
    expect(await ask({ range: 'bytes=1000-' })).toMatchObject({ status: 416, code: 'RANGE_NOT_SATISFIABLE' });
    expect(await ask({ range: 'bytes=5-8', 'if-range': '"other"' })).toMatchObject({ status: 200, bytes });
    expect((await ask({ range: 'bytes=5-8', 'if-range': etag })).status).toBe(206);
    expect((await createFile(pat)).id).not.toBe(file.id);
  });

  // The last one: sessions end meanwhile.
  test('a URL to the bytes is good for 5 minutes, to their last second', async () => {
    const { pat, signInAs } = world.clinic;
    const file = await uploadedFile(pat, bytes);
    // Grants count whole seconds.
    await world.clock.stop(Math.ceil(world.clock.now() / 1_000) * 1_000 + 1_000);
    const { downloadUrl } = (await pat.run(fileOperations.file, { id: file.id })).file;
    await world.clock.move(5 * 60_000 - 1);
    expect(await getBytes(downloadUrl)).toMatchObject({ status: 200, bytes });
    await world.clock.move(1);
    expect(await getBytes(downloadUrl)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    await world.clock.start();
    const again = (await (await signInAs('Pat')).run(fileOperations.file, { id: file.id })).file.downloadUrl;
    expect(await getBytes(again)).toMatchObject({ status: 200, bytes });
  });
});
