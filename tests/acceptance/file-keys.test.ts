// The master keys of files: changed while files stay readable, and missed when they are away.
import { randomBytes } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import { bearer, getBytes, uploadedFile } from '../support/api-files.ts';
import { describeFiles } from '../support/describe-files.ts';
import { eventually } from '../support/file-client.ts';

jest.setTimeout(240_000);

describeFiles(
  'master keys of files',
  (world, objects) => {
    const a = `a:${randomBytes(32).toString('base64')}`;
    const b = `b:${randomBytes(32).toString('base64')}`;
    /** The sizes differ, so that the wrong one would be seen. */
    const contents = { service: randomBytes(70_000), a: randomBytes(140_000), b: randomBytes(10) };

    /** Undefined: the one that comes from the service secret. */
    const restartWith = (keys: string | undefined) =>
      world.shape.restart(keys === undefined ? {} : { FILE_KEYS: keys });
    const logged = (message: string): Record<string, unknown>[] =>
      world.shape
        .output()
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.startsWith('{') && line.includes(message))
        .map((line) => JSON.parse(line));
    /** What a program writes arrives a moment after what it answers. */
    const expectLogged = async (message: string, count: number, content: object): Promise<void> => {
      await eventually(async () => logged(message).length >= count);
      expect(logged(message)).toEqual(Array(count).fill(expect.objectContaining(content)));
    };
    const rotated = 'the keys of files were brought under the current master key';
    const missing = 'master keys are missing: their files cannot be read';

    test('rotate, go when nothing needs them any more, and are missed when something does', async () => {
      const { pat } = world.clinic;
      const kept = new Map<string, Buffer>();
      const keep = async (bytes: Buffer) => kept.set((await uploadedFile(pat, bytes)).id, bytes);
      const read = (id: string) => getBytes(`${world.shape.url}/files/${id}`, bearer(pat));
      const expectReadable = async () => {
        for (const [id, bytes] of kept) {
          const answer = await read(id);
          expect([answer.status, answer.bytes.equals(bytes)]).toEqual([200, true]);
        }
      };
      const expectRotatedTo = async (masterKeyId: string) => {
        await expectLogged(rotated, 1, { masterKeyId, left: 0 });
        await expectReadable();
      };
      const stored = async () => {
        const keys = (await objects.keys()).sort();
        return Promise.all(keys.map(async (key) => [key, (await objects.read(key)).toString('base64')]));
      };

      await keep(contents.service);
      await restartWith(a);
      await keep(contents.a);
      await expectRotatedTo('a');
      const before = await stored();

      await restartWith(`${b},${a}`);
      await expectReadable();
      await expectRotatedTo('b');
      // Keys change, bytes stay where and as they are.
      expect(await stored()).toEqual(before);
      await keep(contents.b);

      await restartWith(b);
      await expectReadable();
      expect(logged(missing)).toEqual([]);

      await restartWith(undefined);
      await expectLogged(missing, 1, { masterKeyIds: ['b'], files: 3 });
      for (const id of kept.keys()) {
        expect(await read(id)).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
      }
      const err = expect.objectContaining({ type: 'MissingMasterKey' });
      await expectLogged('the store of file bytes failed', kept.size, { err });
      // What comes now needs none of them.
      const { id } = await uploadedFile(pat, contents.service);
      expect((await read(id)).bytes.equals(contents.service)).toBe(true);

      await restartWith(b);
      kept.set(id, contents.service);
      await expectRotatedTo('b');
      expect(logged(missing)).toEqual([]);

      // Under the id of another key, which opens nothing.
      await restartWith(b.replace(/:.*/, `:${randomBytes(32).toString('base64')}`));
      await expectLogged('a master key is not the one that its files were encrypted with', 1, { masterKeyId: 'b' });
      for (const each of kept.keys()) expect((await read(each)).status).toBe(500);
    });
  },
  { environment: { LOG_LEVEL: 'info' } },
);
