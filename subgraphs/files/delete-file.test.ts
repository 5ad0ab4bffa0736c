// Deleting a file: who may, and what goes with it.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { type FileDocuments, fileDocuments } from '../../tests/support/file-documents.ts';
import { createFileTokenMutation, deleteFileMutation, fileQuestions } from '../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { data } from '../data/index.ts';

let files: FileService;
let documents: FileDocuments;
const { ask, refusal } = fileQuestions(() => files);
beforeAll(async () => {
  files = await startFileService({ others: [data as SubgraphDefinition] });
  documents = await fileDocuments(files);
});
afterAll(() => files.close());

const person = (rights: Partial<Person> = {}) => files.know({ userId: newId(), ...rights });
const remove = (viewer: Person, input: Record<string, unknown>) => ask(viewer, deleteFileMutation, { input });
const refused = (viewer: Partial<Person>, input: Record<string, unknown>) =>
  refusal(viewer, deleteFileMutation, { input });
const tables = () =>
  files.graph.database.forService<'file' | 'fileSegment' | 'fileThumbnail' | 'fileToken' | 'fileUpload' | 'fileUsage'>(
    'files',
  ).db;

describe('deleting a file', () => {
  test('is for signed-in users, and needs either a file or a token of it', async () => {
    const pat = person();
    const { id, token } = await files.createFile(pat);
    expect(await refused({}, { token })).toMatchObject({ code: 'UNAUTHENTICATED' });
    for (const input of [{}, { fileId: null }, { fileId: id, token }]) {
      expect(await refused(pat, input)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input' });
    }
    expect(await refused(pat, { fileId: 'x' })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.fileId' });
    expect(await files.file(pat, id)).toMatchObject({ id });
  });

  test('finds no file that the viewer does not see', async () => {
    const { id } = await files.createFile(person());
    const answer = { code: 'NOT_FOUND', field: 'input.fileId', number: 16 };
    expect(await refused(person(), { fileId: id })).toEqual(answer);
    expect(await refused(person(), { fileId: newId() })).toEqual(answer);
  });

  test('is not for who sees the file only, however', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    await documents.documentWith(pat, [id]);
    for (const permissions of [['VIEW_DOCUMENTS'], ['VIEW_FILES']]) {
      expect(await refused(person({ permissions }), { fileId: id })).toEqual({ code: 'FORBIDDEN' });
    }
    expect(await files.file(pat, id)).toMatchObject({ id });
  });

  test('needs a good FULL token of others', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const { createFileToken } = await ask(pat, createFileTokenMutation, { input: { fileId: id } });
    const tooLittle = { code: 'FORBIDDEN', field: 'input.token', number: 2606 };
    expect(await refused(person(), { token: createFileToken.token.token })).toEqual(tooLittle);
    const unknown = { code: 'NOT_FOUND', field: 'input.token', number: 2605 };
    expect(await refused(person(), { token: 'cgf_unknown' })).toEqual(unknown);
    expect(await files.file(pat, id)).toMatchObject({ id });
  });

  test('twice at the same time succeeds once', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const answers = await Promise.all([refused(pat, { fileId: id }), refused(pat, { fileId: id })]);
    expect(answers.map(({ code }) => code).sort()).toEqual(['NOT_FOUND', 'no error']);
    const events = (await files.graph.readLog()).filter(
      ({ type, content }) => type === 'file_deleted' && content.fileId === id,
    );
    expect(events).toHaveLength(1);
  });

  test('by its creator takes everything away at once, and its objects from the store a moment later', async () => {
    const pat = person({ applicationId: newId() });
    const stays = await files.uploadedFile(pat, randomBytes(70));
    const { id, token } = await files.uploadedFile(pat, randomBytes(30));
    const url = await files.downloadUrl(pat, id);
    const thumbnail = { fileId: id, width: 1, height: 1, storeKey: newId(), size: 1n, mimeType: 'image/png' };
    await tables().fileThumbnail.create({ data: thumbnail });
    const segments = await tables().fileSegment.findMany({ where: { fileId: id } });
    await files.graph.runJobs();

    expect(await remove(pat, { fileId: id })).toEqual({ deleteFile: { fileId: id } });
    expect(await files.file(pat, id)).toBeNull();
    expect(await files.file(person({ permissions: ['VIEW_FILES'] }), id)).toBeNull();
    expect((await fetch(url)).status).toBe(404);
    expect((await ask(pat, '{ files { nodes { id } } }')).files.nodes).toEqual([{ id: stays.id }]);
    const byToken = 'query ($token: String!) { fileByToken(token: $token) { id } }';
    expect((await ask(pat, byToken, { token })).fileByToken).toBeNull();
    const where = { fileId: id };
    expect(await tables().fileSegment.count({ where })).toBe(0);
    expect(await tables().fileThumbnail.count({ where })).toBe(0);
    expect(await tables().fileToken.count({ where })).toBe(0);
    const usage = await tables().fileUsage.findMany({
      where: { ownerId: { in: [pat.userId, String(pat.applicationId)] } },
      select: { kind: true, bytes: true },
      orderBy: { kind: 'asc' },
    });
    expect(usage).toEqual([
      { kind: 'application', bytes: 70n },
      { kind: 'user', bytes: 70n },
    ]);
    const storeKeys = [...segments.map(({ storeKey }) => storeKey), thumbnail.storeKey];
    expect(await files.graph.jobs.queued()).toMatchObject([{ job: 'deleteBytes', data: { storeKeys } }]);
    expect(await files.graph.runJobs()).toBe(1);
  });

  test('is for whoever has a FULL token, also of a file whose bytes have not all arrived', async () => {
    const pat = person();
    const { id, token } = await files.createFile(pat);
    await tables().fileUpload.create({ data: { fileId: id, expiresAt: new Date() } });
    await tables().fileSegment.create({ data: { fileId: id, ordinal: 0, storeKey: newId(), size: 5n } });
    expect(await remove(person(), { token })).toEqual({ deleteFile: { fileId: id } });
    expect(await files.file(pat, id)).toBeNull();
    expect(await tables().fileUsage.count({ where: { ownerId: pat.userId } })).toBe(0);
    expect(await files.graph.runJobs()).toBe(1);
    const [event] = (await files.graph.readLog()).filter(
      ({ type, content }) => type === 'file_deleted' && content.fileId === id,
    );
    expect(event?.content).toEqual({ fileId: id, creatorId: pat.userId });
  });

  test('of many objects queues several jobs', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const segment = (_: unknown, ordinal: number) => ({ fileId: id, ordinal, storeKey: newId(), size: 1n });
    await tables().fileSegment.createMany({ data: Array.from({ length: 1_001 }, segment) });
    await remove(pat, { fileId: id });
    expect(await files.graph.runJobs()).toBe(3);
  });
});
