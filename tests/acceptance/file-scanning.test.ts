// Files and a scanner for viruses: nobody gets bytes that it has not found clean.
import { expect, test } from '@jest/globals';
import { bearer, fileOperations, getBytes, uploadedFile } from '../support/api-files.ts';
import type { Clamd } from '../support/clamd.ts';
import { eicar, startClamd } from '../support/clamd.ts';
import { describeFiles } from '../support/describe-files.ts';
import { eventually } from '../support/file-client.ts';

let clamd: Clamd | undefined;

describeFiles(
  'scanned files',
  (world) => {
    const statusOf = async (id: string) => (await world.clinic.pat.run(fileOperations.file, { id })).file.status;
    const download = (id: string) => getBytes(`${world.shape.url}/files/${id}`, bearer(world.clinic.pat));
    const scanner = (): Clamd => {
      if (clamd === undefined) throw new Error('The scanner starts before the first test');
      return clamd;
    };

    test('a clean file can be had when the scanner has said so', async () => {
      const { id } = await uploadedFile(world.clinic.pat, Buffer.from('clean'));
      await eventually(async () => (await statusOf(id)) === 'READY');
      expect(await download(id)).toMatchObject({ status: 200, bytes: Buffer.from('clean') });
    });

    test('a file with a virus cannot be had, by nobody and by no path', async () => {
      const { pat, admin } = world.clinic;
      const { id, token } = await uploadedFile(pat, Buffer.from(`before ${eicar} behind`));
      await eventually(async () => (await statusOf(id)) === 'INFECTED');
      expect(await download(id)).toMatchObject({ status: 409, code: 'ILLEGAL_STATE' });
      const byToken = await getBytes(`${world.shape.url}/files/tokens/${token.token}`, bearer(admin));
      expect(byToken).toMatchObject({ status: 409, code: 'ILLEGAL_STATE' });
      expect((await pat.run(fileOperations.file, { id })).file).toMatchObject({
        status: 'INFECTED',
        downloadUrl: null,
      });
    });

    test('while the scanner is away files wait, and they come through when it is back', async () => {
      await scanner().stop();
      const { id } = await uploadedFile(world.clinic.pat, Buffer.from('patient'));
      expect(await download(id)).toMatchObject({ status: 409, code: 'ILLEGAL_STATE' });
      expect(await statusOf(id)).toBe('SCANNING');
      await scanner().start();
      await eventually(async () => {
        await world.clock.move(60_000);
        return (await statusOf(id)) === 'READY';
      });
      expect(await download(id)).toMatchObject({ status: 200 });
    });
  },
  {
    async surround() {
      const started = await startClamd();
      clamd = started;
      return {
        // Time goes far in these tests.
        environment: { CLAMD_URL: started.url, ACCESS_TOKEN_SECONDS: '86400' },
        close: () => started.stop(),
      };
    },
  },
);
