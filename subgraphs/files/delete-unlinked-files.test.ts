// The files of a user who is deleted: with a document they stay, else they go with their bytes.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { type FileDocuments, fileDocuments } from '../../tests/support/file-documents.ts';
import { fileQuestions } from '../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { data } from '../data/index.ts';
import { users } from '../users/index.ts';

let files: FileService;
let people: People;
let documents: FileDocuments;
const { ask } = fileQuestions(() => files);
beforeAll(async () => {
  files = await startFileService({ others: [data as SubgraphDefinition, users as SubgraphDefinition] });
  people = peopleIn(files.graph);
  documents = await fileDocuments(files);
});
afterAll(() => files.close());

const person = (rights: Partial<Person> = {}) => files.know({ userId: newId(), ...rights });
const everything = () => person({ permissions: ['VIEW_FILES'] });

const account = async () => person({ userId: await people.user() });

/** A document of somebody else, to which the creator's file belongs. */
const linkToDocument = (fileId: string) => documents.documentWith(everything(), [fileId]);

async function deleteUser({ userId }: Person): Promise<void> {
  const remove = 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }';
  await ask({ userId }, remove, { input: { userId } }, 'users');
}

const tables = () => files.graph.database.forService<'file' | 'fileSegment' | 'fileUsage'>('files').db;
const table = () => tables().file;
const keysOnDisk = async () => (await readdir(join(files.dataDir, 'files'), { recursive: true })).map(String);
const storeKeyOf = async (fileId: string) =>
  (await tables().fileSegment.findFirstOrThrow({ where: { fileId } })).storeKey;
const isOnDisk = async (key: string) => (await keysOnDisk()).some((path) => path.endsWith(key));
const deletions = async (creatorId: string) =>
  (await files.graph.readLog()).filter(
    ({ type, content }) => type === 'file_deleted' && content.creatorId === creatorId,
  );

describe('when a user is deleted', () => {
  test('nothing happens to files while `data` cannot say which belong to documents, and they go later', async () => {
    const creator = await account();
    const { id } = await files.uploadedFile(creator, Buffer.from('trace'));
    await deleteUser(creator);
    const { db } = files.graph.database.forService<'documentFile'>('data');
    await db.$executeRaw`ALTER TABLE data.document_files RENAME TO document_files_away`;
    await expect(files.graph.deliverEvents()).rejects.toThrow();
    expect(await files.file(everything(), id)).not.toBeNull();
    await db.$executeRaw`ALTER TABLE data.document_files_away RENAME TO document_files`;
    await files.graph.deliverEvents();
    expect(await files.file(everything(), id)).toBeNull();
    await files.graph.runJobs();
  });

  test('files of documents stay with their bytes, the others go with theirs, and those of others stay', async () => {
    const [creator, other] = [await account(), await account()];
    const linked = await files.uploadedFile(creator, Buffer.from('kept'));
    const loose = await files.uploadedFile(creator, Buffer.from('gone'));
    const empty = await files.createFile(creator);
    const foreign = await files.uploadedFile(other, Buffer.from('other'));
    await linkToDocument(linked.id);
    const keys = await Promise.all([linked, loose, foreign].map(({ id }) => storeKeyOf(id)));

    await deleteUser(creator);
    await files.graph.deliverEvents();
    const viewer = everything();
    const left = await Promise.all([linked, loose, empty, foreign].map(({ id }) => files.file(viewer, id)));
    expect(left.map((file) => file?.id ?? null)).toEqual([linked.id, null, null, foreign.id]);
    expect((await deletions(creator.userId)).map(({ content }) => content.fileId)).toEqual([loose.id, empty.id]);

    const usage = await tables().fileUsage.findMany({ where: { ownerId: creator.userId } });
    expect(usage.map(({ kind, bytes }) => [kind, bytes])).toEqual([['user', 4n]]);

    await files.graph.runJobs();
    expect(await Promise.all(keys.map(isOnDisk))).toEqual([true, false, true]);
    const url = await files.downloadUrl(viewer, linked.id);
    expect(await (await fetch(url)).text()).toBe('kept');
  });

  test('all of many files go, and hearing of it again changes nothing', async () => {
    const creator = await account();
    const linked = await files.createFile(creator);
    await linkToDocument(linked.id);
    const row = () => ({ id: newId(), name: 'x', mimeType: 'text/plain', tags: [], creatorId: creator.userId });
    await table().createMany({ data: Array.from({ length: 205 }, row) });
    await deleteUser(creator);
    await files.graph.deliverEvents();
    const left = async () => (await table().findMany({ where: { creatorId: creator.userId } })).map(({ id }) => id);
    expect(await left()).toEqual([linked.id]);
    expect(await deletions(creator.userId)).toHaveLength(205);

    // Those of other services.
    await files.graph.runJobs();
    const event = (await files.graph.readLog()).find(
      ({ type, content }) => type === 'user_deleted' && content.userId === creator.userId,
    );
    await files.graph.subgraph('files').parts.handlers?.user_deleted?.(event as NonNullable<typeof event>);
    expect(await left()).toEqual([linked.id]);
    expect(await deletions(creator.userId)).toHaveLength(205);
    expect(await files.graph.runJobs()).toBe(0);
  });

  test('documents stay as they are', async () => {
    const creator = await account();
    const id = await documents.documentWith(creator, []);
    const { db } = files.graph.database.forService<'document'>('data');
    const before = await db.document.findUnique({ where: { id } });
    await deleteUser(creator);
    await files.graph.deliverEvents();
    expect(before).toMatchObject({ creatorId: creator.userId });
    expect(await db.document.findUnique({ where: { id } })).toEqual(before);
  });
});

describe('without the service `data`', () => {
  test('no file belongs to a document: all go', async () => {
    const alone = await startFileService({ others: [users as SubgraphDefinition] });
    const userId = await peopleIn(alone.graph).user();
    const { id } = await alone.uploadedFile(alone.know({ userId }), Buffer.from('gone'));
    const remove = 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }';
    await alone.graph.execute('users', { query: remove, variables: { input: { userId } }, identity: { userId } });
    await alone.graph.deliverEvents();
    const viewer = alone.know({ userId: newId(), permissions: ['VIEW_FILES'] });
    expect(await alone.file(viewer, id)).toBeNull();
    expect(await alone.graph.runJobs()).toBe(1);
    await alone.close();
  });
});
