// Changes of one file at the same moment, which only a server with many connections can show.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { newId } from '../../platform/ids.ts';
import { createSealing } from '../../platform/sealing.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import {
  createFileTokenMutation,
  deleteFileMutation,
  fileQuestions,
  revokeFileTokenMutation,
} from '../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { createTokenStore } from './tokens/token-store.ts';

describeOnServers('changes of a file at once', ['postgres'], () => {
  let server: PostgresServer;
  let files: FileService;
  const { ask, refusal } = fileQuestions(() => files);
  beforeAll(async () => {
    server = await startPostgres();
    files = await startFileService({ databaseUrl: await server.createDatabase() });
  }, 300_000);
  afterAll(async () => {
    await files?.close();
    await server?.stop();
  });

  const person = (rights: Partial<Person> = {}) => files.know({ userId: newId(), ...rights });
  const tables = () => files.graph.database.forService<'file' | 'fileToken' | 'fileUsage'>('files').db;
  const times = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => make(index));
  const makeToken = async (viewer: Person, input: Record<string, unknown>) =>
    (await ask(viewer, createFileTokenMutation, { input })).createFileToken.token;

  test('leave it a FULL token, whoever revokes which', async () => {
    const pat = person();
    for (let round = 0; round < 10; round += 1) {
      const { id } = await files.createFile(pat);
      await Promise.all(times(3, () => makeToken(pat, { fileId: id, accessLevel: 'FULL' })));
      const full = await tables().fileToken.findMany({ where: { fileId: id } });
      const answers = await Promise.all(
        full.map((token) => refusal(pat, revokeFileTokenMutation, { input: { tokenId: token.id } })),
      );
      const refused = answers.filter(({ code }) => code !== 'no error');
      expect(refused).toEqual([{ code: 'ILLEGAL_STATE', number: 2607 }]);
      expect(await tables().fileToken.count({ where: { fileId: id } })).toBe(1);
    }
  });

  test('never bring it more tokens than it may have', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const row = (index: number) => ({
      id: newId(),
      fileId: id,
      accessLevel: 'READ',
      hash: `${id} ${index}`,
      sealed: '',
    });
    await tables().fileToken.createMany({ data: times(996, row) });
    const answers = await Promise.all(times(8, () => refusal(pat, createFileTokenMutation, { input: { fileId: id } })));
    expect(answers.filter(({ code }) => code === 'no error')).toHaveLength(3);
    expect(await tables().fileToken.count({ where: { fileId: id } })).toBe(1_000);
  });

  test('use a token for single use up once', async () => {
    const pat = person();
    const tokens = createTokenStore(
      files.graph.database,
      createSealing('a secret of 32 characters or more', 'x'),
      Date.now,
    );
    const { id } = await files.createFile(pat);
    const { id: tokenId } = await makeToken(pat, { fileId: id, singleUse: true });
    const uses = await Promise.all(times(8, () => tokens.useUp(tokenId)));
    expect(uses.filter((used) => used)).toHaveLength(1);
    const unlimited = await makeToken(pat, { fileId: id });
    expect(await tokens.useUp(unlimited.id)).toBe(false);
  });

  test('count what is left, when files come and go together', async () => {
    const applicationId = newId();
    const people = times(2, () => person({ applicationId }));
    const made = await Promise.all(
      times(12, async (index) => {
        const creator = people[index % 2] as Person;
        return { creator, size: index + 1, ...(await files.uploadedFile(creator, randomBytes(index + 1))) };
      }),
    );
    const gone = made.slice(0, 8);
    const coming = times(8, (index) => files.uploadedFile(people[index % 2] as Person, randomBytes(100)));
    const going = gone.map(({ creator, id }) => ask(creator, deleteFileMutation, { input: { fileId: id } }));
    await Promise.all([...coming, ...going]);
    const left = (creator: Person | undefined) =>
      made.slice(8).reduce((sum, file) => (file.creator === creator ? sum + file.size : sum), 400);
    const usageOf = async (ownerId: string) =>
      Number((await tables().fileUsage.findFirstOrThrow({ where: { ownerId } })).bytes);
    for (const creator of people) expect(await usageOf(creator.userId)).toBe(left(creator));
    expect(await usageOf(applicationId)).toBe(left(people[0]) + left(people[1]));
  });
});
