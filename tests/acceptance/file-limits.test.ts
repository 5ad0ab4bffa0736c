// Limits of applications: they hold for what is uploaded with a token of one, whichever way the bytes come, and for
// nothing else.
import { expect, jest, test } from '@jest/globals';
import * as client from 'openid-client';
import {
  bearer,
  createFile,
  fileOperations,
  type NewFile,
  put,
  sha256Of,
  uploadedFile,
  uploadResumable,
} from '../support/api-files.ts';
import { describeFiles } from '../support/describe-files.ts';
import { refusal } from '../support/file-client.ts';
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts';
import { registerApplication } from '../support/oauth2-applications.ts';

jest.setTimeout(300_000);

describeFiles('limits of applications', (world) => {
  /** The administrator, signed in through a new application. */
  async function throughApplication(): Promise<{ readonly applicationId: string; readonly user: GraphqlClient }> {
    const { shape, clinic } = world;
    const { id, clientId } = await registerApplication(clinic.admin, {
      confidential: false,
      redirectUris: ['http://localhost:9/callback'],
    });
    const application = await client.discovery(new URL(shape.url), clientId, {}, client.None(), {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });
    const { email: username, password } = shape.admin;
    const tokens = await client.genericGrantRequest(application, 'password', { username, password });
    return { applicationId: id, user: createGraphqlClient(shape.url, tokens.access_token, clinic.admin.userId) };
  }

  const setLimits = (applicationLimits: readonly object[]) =>
    world.clinic.admin.run(fileOperations.updateFileSettings, { input: { applicationLimits } });

  async function byForm(user: GraphqlClient, size: number): Promise<Response> {
    const form = new FormData();
    form.append('file', new Blob([Buffer.alloc(size, 1)]), 'trace.bin');
    return fetch(`${world.shape.url}/files`, { method: 'POST', headers: bearer(user), body: form });
  }
  const byPut = async (user: GraphqlClient, size: number) =>
    put((await createFile(user)).uploadUrl, Buffer.alloc(size, 2));
  /** The upload makes the file. */
  const byUpload = (user: GraphqlClient, size: number) =>
    uploadResumable(Buffer.alloc(size, 3), {
      endpoint: `${world.shape.url}/files/uploads`,
      headers: bearer(user),
      metadata: { filename: 'trace.bin' },
    });
  const byUploadOf = ({ resumableUploadUrl }: NewFile, size: number) =>
    uploadResumable(Buffer.alloc(size, 4), { uploadUrl: resumableUploadUrl });

  test('bytes of one file', async () => {
    const [{ applicationId, user }, other] = [await throughApplication(), await throughApplication()];
    await setLimits([{ applicationId, maximumFileBytes: 1_000 }]);
    const tooLarge = { status: 413, code: 'FILE_TOO_LARGE' };
    expect(await refusal(await byPut(user, 1_001))).toMatchObject(tooLarge);
    expect(await refusal(await byForm(user, 1_001))).toMatchObject(tooLarge);
    await expect(byUpload(user, 1_001)).rejects.toThrow('413');
    const file = await createFile(user);
    await expect(byUploadOf(file, 1_001)).rejects.toThrow('413');
    // Who brings the bytes, and by which proof, is no matter: the file was made through the application.
    const { admin } = world.clinic;
    const withoutApplication = await put(`${world.shape.url}/files/${file.id}`, Buffer.alloc(1_001), bearer(admin));
    expect(await refusal(withoutApplication)).toMatchObject(tooLarge);
    expect((await admin.run(fileOperations.file, { id: file.id })).file).toMatchObject({ size: null });

    expect((await byPut(user, 1_000)).status).toBe(201);
    expect((await byForm(user, 1_000)).status).toBe(201);
    expect(await byUpload(user, 1_000)).toBeDefined();
    expect(await byUploadOf(file, 1_000)).toBeDefined();
    for (const free of [other.user, admin]) {
      expect((await byPut(free, 1_001)).status).toBe(201);
      expect((await byForm(free, 1_001)).status).toBe(201);
      expect(await byUpload(free, 1_001)).toBeDefined();
      expect(await byUploadOf(await createFile(free), 1_001)).toBeDefined();
    }
  });

  test('bytes of all files of an application together', async () => {
    const [{ applicationId, user }, other] = [await throughApplication(), await throughApplication()];
    const { admin } = world.clinic;
    await setLimits([
      { applicationId, maximumBytes: 1_500 },
      { applicationId: other.applicationId, maximumFileBytes: 100_000 },
    ]);
    const first = await uploadedFile(user, Buffer.alloc(1_000, 5));
    // Of the same user, but through nothing or something else: not counted.
    await uploadedFile(admin, Buffer.alloc(10_000));
    await uploadedFile(other.user, Buffer.alloc(10_000));

    const full = { status: 413, code: 'QUOTA_EXCEEDED' };
    const refused = await byPut(user, 501);
    expect(refused.status).toBe(413);
    const { errors } = (await refused.json()) as { errors: { extensions: object }[] };
    expect(errors[0]?.extensions).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      details: { of: 'application', most: 1_500 },
    });
    expect(await refusal(await byForm(user, 501))).toMatchObject(full);
    await expect(byUpload(user, 501)).rejects.toThrow('413');
    const file = await createFile(user);
    await expect(byUploadOf(file, 501)).rejects.toThrow('413');

    expect(await byUploadOf(file, 500)).toBeDefined();
    expect((await admin.run(fileOperations.file, { id: file.id })).file.sha256).toBe(sha256Of(Buffer.alloc(500, 4)));
    expect(await refusal(await byForm(user, 1))).toMatchObject(full);
    await user.run(fileOperations.deleteFile, { input: { fileId: first.id } });
    expect((await byForm(user, 1_000)).status).toBe(201);
    expect(await refusal(await byPut(user, 1))).toMatchObject(full);

    await setLimits([]);
    expect((await byPut(user, 5_000)).status).toBe(201);
  });
});
