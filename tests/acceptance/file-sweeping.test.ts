// What is swept away in a running program: uploads that nobody went on with, and nothing else.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import {
  bearer,
  createFile,
  fileOperations,
  getBytes,
  sha256Of,
  uploadedFile,
  uploadResumable,
} from '../support/api-files.ts';
import { describeFiles } from '../support/describe-files.ts';
import { signIn } from '../support/graphql-client.ts';

jest.setTimeout(400_000);

const hour = 60 * 60 * 1_000;

describeFiles('what is swept away', (world, objects) => {
  /** Shortly after the sweep of the hour is due; the program looks for what is due every 20 seconds, within a minute. */
  const nextSweepAfter = (moment: number) => Math.ceil((moment - 17 * 60_000) / hour) * hour + 17 * 60_000 + 2_000;

  async function sweptWithin(milliseconds: number, isSwept: () => Promise<boolean>): Promise<boolean> {
    for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await pause(200)) {
      if (await isSwept()) return true;
    }
    return false;
  }

  test('a resumable upload that nobody went on with for a day; complete files stay', async () => {
    const { shape, clinic, clock } = world;
    const whole = randomBytes(3_000_000);
    const put = await uploadedFile(clinic.pat, whole);
    const resumed = await createFile(clinic.pat);
    const upload = { uploadUrl: resumed.resumableUploadUrl, chunkSize: 1_024 * 1_024 };
    expect(await uploadResumable(whole, upload)).toBeDefined();
    const kept = (await objects.keys()).sort();
    const abandoned = await createFile(clinic.pat);
    for (const offset of [0, 1_000_000]) {
      const sent = await fetch(abandoned.resumableUploadUrl, {
        method: 'PATCH',
        headers: {
          'tus-resumable': '1.0.0',
          'upload-offset': `${offset}`,
          'content-type': 'application/offset+octet-stream',
        },
        body: whole.subarray(offset, offset + 1_000_000),
      });
      expect(sent.status).toBe(204);
    }
    expect((await objects.keys()).length).toBe(kept.length + 2);

    // A machine so busy that a program misses the minute of one hour has the next.
    const isSwept = async () => (await objects.keys()).length <= kept.length;
    let swept = false;
    for (let attempt = 0; attempt < 3 && !swept; attempt += 1) {
      await clock.move(nextSweepAfter(clock.now() + (attempt === 0 ? 25 * hour : 0)) - clock.now());
      swept = await sweptWithin(100_000, isSwept);
    }
    expect((await objects.keys()).sort()).toEqual(kept);

    // Signed in anew: a day has gone by.
    const admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    for (const { id } of [put, resumed]) {
      const { status, bytes } = await getBytes(`${shape.url}/files/${id}`, bearer(admin));
      expect([status, bytes.equals(whole)]).toEqual([200, true]);
    }
    const known = async () => (await admin.run(fileOperations.file, { id: abandoned.id })).file;
    expect(await known()).toMatchObject({ status: 'AWAITING_BYTES', size: null });
    // The file takes its bytes all the same, from the first one on.
    const mine = await uploadedFile(admin, whole);
    expect((await admin.run(fileOperations.file, { id: mine.id })).file.sha256).toBe(sha256Of(whole));
  });
});
