// updateDocument, deleteDocument and linkDocument: who may, what they change, and what they tell.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../../../operations/servers/throwaway-process.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { files } from '../../files/index.ts';
import { users } from '../../users/index.ts';

let service: DataService;
let people: People;
let folder: string;

beforeAll(async () => {
  folder = temporaryFolder('data');
  service = await startDataService({ others: [users, files], environment: { DATA_DIR: folder } });
  people = peopleIn(service.graph);
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

const properties = {
  n: { type: 'number' },
  note: { type: 'string' },
  inner: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
  meals: { type: 'array', items: { type: 'object', properties: { kcal: { type: 'number' } } } },
};
const own = { properties, readMode: ['creator'], updateMode: ['creator'], deleteMode: ['creator'] };

const fields = 'id status data users { id } groups { id } files { id } createdAt updatedAt';
const update = `mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { document { ${fields} } } }`;
const remove = 'mutation ($input: DeleteDocumentInput!) { deleteDocument(input: $input) { deletedId } }';
const link = `mutation ($input: LinkDocumentInput!) { linkDocument(input: $input) { document { ${fields} } } }`;

const mutations: Record<string, { query: string; input: object; permission: string }> = {
  update: { query: update, input: { data: { n: 2 } }, permission: 'UPDATE_DOCUMENTS' },
  delete: { query: remove, input: {}, permission: 'DELETE_DOCUMENTS' },
  link: { query: link, input: { userIds: [newId()] }, permission: 'UPDATE_ACCESS_TO_DOCUMENT' },
  'link a file': { query: link, input: { fileIds: [newId()] }, permission: 'UPDATE_DOCUMENTS' },
};

const stored = (id: string) =>
  service.graph.database.forService<'document'>('data').db.document.findUnique({ where: { id } });

async function position(): Promise<bigint> {
  return (await service.graph.readLog()).at(-1)?.position ?? 0n;
}

async function changed(who: Person, id: string, data: object) {
  return (await service.ask(who, update, { input: { id, data } })).updateDocument.document;
}

async function linked(who: Person, id: string, links: object) {
  return (await service.ask(who, link, { input: { id, ...links } })).linkDocument.document;
}

async function newFile(who: Person): Promise<string> {
  const query = 'mutation { createFile(input: { name: "ecg" }) { file { id } } }';
  return (await service.graph.execute('files', { query, identity: who })).data.createFile.file.id;
}

describe.each(Object.entries(mutations))('%s is refused', (_name, { query, input, permission }) => {
  async function refusedWithoutChange(id: string, who: object, expected: object) {
    const [before, from] = [await stored(id), await position()];
    expect(await service.refusal(who, query, { input: { id, ...input } })).toMatchObject(expected);
    expect(await stored(id)).toEqual(before);
    expect(await position()).toBe(from);
  }

  test('anonymously', async () => {
    const id = await service.document(person(), await service.schema(own), {});
    await refusedWithoutChange(id, {}, { code: 'UNAUTHENTICATED' });
  });

  test('with a malformed id', async () => {
    expect(await service.refusal(person(), query, { input: { id: 'x', ...input } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.id', code: 12 },
    });
  });

  test('alike for a document that there is not and one that the caller does not see', async () => {
    const schema = await service.schema(own);
    const id = await service.document(person(), schema, {});
    const staff = person({ staff: [{ groupId: newId(), permissions: [permission] }] });
    const missing = await service.refusal(staff, query, { input: { id: newId(), ...input } });
    expect(missing).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.id' } });
    await refusedWithoutChange(id, staff, missing);
    await refusedWithoutChange(id, person({ permissions: [`${permission}:other`] }), missing);
  });

  test('to who sees the document only', async () => {
    const schema = await service.schema({ ...own, readMode: 'allUsers' });
    const id = await service.document(person(), schema, {});
    await refusedWithoutChange(id, person(), { code: 'FORBIDDEN', details: { permission } });
  });
});

describe('updateDocument', () => {
  test('refuses data that does not fit, naming the path', async () => {
    const pat = person();
    const id = await service.document(pat, await service.schema(own), { n: 1 });
    for (const [data, field] of [
      [{ n: 'x' }, 'input.data.n'],
      [{ other: 1 }, 'input.data.other'],
      [{ inner: { a: null } }, 'input.data.inner.a'],
      ['x', 'input.data'],
      [JSON.parse('{"__proto__":null}'), 'input.data.__proto__'],
    ] as const) {
      expect(await service.refusal(pat, update, { input: { id, data } })).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field },
      });
    }
    expect(await stored(id)).toMatchObject({ data: { n: 1 } });
  });

  test('replaces the keys given, removes those that are null, keeps the others', async () => {
    const pat = person();
    const id = await service.document(pat, await service.schema(own), { n: 1, note: 'x', inner: { a: 1, b: 2 } });
    const from = await position();
    const before = await stored(id);
    const document = await changed(pat, id, { note: null, inner: { a: 3 }, meals: null });
    expect(document.data).toEqual({ n: 1, inner: { a: 3 } });
    const after = await stored(id);
    expect(after).toMatchObject({
      data: document.data,
      createdAt: before?.createdAt,
      statusChangedAt: before?.statusChangedAt,
    });
    expect(after?.updatedAt.getTime()).toBeGreaterThanOrEqual(before?.updatedAt.getTime() ?? 0);
    const events = await service.graph.readLog(from);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'document_updated',
      content: { documentId: id, status: 'new' },
      access: { creatorId: pat.userId },
    });
  });

  test('keeps the ids of objects in lists', async () => {
    const pat = person();
    const id = await service.document(pat, await service.schema(own), { meals: [{ kcal: 1 }] });
    const { meals } = (await changed(pat, id, { n: 1 })).data;
    const again = (await changed(pat, id, { meals: [...meals, { kcal: 2 }] })).data.meals;
    expect(again[0]).toEqual(meals[0]);
    expect(again[1]).toEqual({ id: expect.any(String), kcal: 2 });
  });

  test('that changes nothing tells nothing', async () => {
    const pat = person();
    const id = await service.document(pat, await service.schema(own), { n: 1, meals: [{ kcal: 1 }] });
    const [before, from] = [await stored(id), await position()];
    expect((await changed(pat, id, { n: 1, note: null })).id).toBe(id);
    expect(await stored(id)).toEqual(before);
    expect(await position()).toBe(from);
  });

  test('is for who holds the permission, everywhere or in a group of the document, whatever the mode', async () => {
    const name = await service.schema({ ...own, updateMode: 'permissionRequired' });
    const groupId = await people.group();
    const id = await service.document(person(), name, {});
    await linked(person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT'] }), id, { groupIds: [groupId] });
    const holders = [
      person({ permissions: ['UPDATE_DOCUMENTS'] }),
      person({ permissions: [`UPDATE_DOCUMENTS:${name}`] }),
      person({ staff: [{ groupId, permissions: [`UPDATE_DOCUMENTS:${name}`] }] }),
    ];
    for (const [n, who] of holders.entries()) {
      // They may change it; seeing it is another permission.
      expect(await changed(who, id, { n })).toBeNull();
      expect(await stored(id)).toMatchObject({ data: { n } });
    }
  });

  test('at once by many loses nothing', async () => {
    const pat = person();
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`p${index}`, { type: 'number' }]));
    const id = await service.document(pat, await service.schema({ ...own, properties: many }), {});
    await Promise.all(Object.keys(many).map((key, index) => changed(pat, id, { [key]: index })));
    expect(Object.keys((await stored(id))?.data as object).sort()).toEqual(Object.keys(many));
  });
});

test('deleteDocument deletes for good, and tells what it was', async () => {
  const pat = person();
  const id = await service.document(pat, await service.schema(own), {});
  const fileId = await newFile(pat);
  await linked(pat, id, { fileIds: [fileId] });
  const from = await position();
  expect(await service.ask(pat, remove, { input: { id: id.toUpperCase() } })).toEqual({
    deleteDocument: { deletedId: id },
  });
  expect(await stored(id)).toBeNull();
  expect(await service.graph.readLog(from)).toMatchObject([
    { type: 'document_deleted', content: { documentId: id }, access: { creatorId: pat.userId } },
    {
      type: 'file_links_changed',
      content: { fileId, documentId: id, linked: false },
      access: { before: { creatorId: pat.userId }, after: null },
    },
  ]);
  expect(await service.refusal(pat, remove, { input: { id } })).toMatchObject({ code: 'NOT_FOUND' });
});

describe('linkDocument', () => {
  const linker = () => person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT'] });

  test('refuses what does not exist or cannot be seen, and links nothing then', async () => {
    const pat = person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT'] });
    const id = await service.document(pat, await service.schema(own), {});
    const [userId, groupId] = [await people.user(), await people.group()];
    const foreignFile = await newFile(person());
    const from = await position();
    for (const [links, field] of [
      [{ userIds: [userId, newId()] }, 'input.userIds.1'],
      [{ userIds: [groupId] }, 'input.userIds.0'],
      [{ userIds: [userId], groupIds: [newId()] }, 'input.groupIds.0'],
      [{ fileIds: [newId()] }, 'input.fileIds.0'],
      [{ fileIds: [foreignFile] }, 'input.fileIds.0'],
    ] as const) {
      expect(await service.refusal(pat, link, { input: { id, ...links } })).toMatchObject({
        code: 'NOT_FOUND',
        details: { field },
      });
    }
    expect(await service.refusal(pat, link, { input: { id, groupIds: ['x'] } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.groupIds.0' },
    });
    expect(await service.refusal(pat, link, { input: { id, userIds: Array(101).fill(userId) } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.userIds' },
    });
    expect(await stored(id)).toMatchObject({ userIds: [], groupIds: [] });
    expect(await position()).toBe(from);
  });

  test('a group permission links no one, and the right to change does not, either', async () => {
    const groupId = await people.group();
    const name = await service.schema({ ...own, readMode: 'allUsers', updateMode: ['creator'] });
    const pat = person();
    const id = await service.document(pat, name, {});
    await linked(linker(), id, { groupIds: [groupId] });
    const staff = person({
      staff: [{ groupId, permissions: ['UPDATE_ACCESS_TO_DOCUMENT', `UPDATE_ACCESS_TO_DOCUMENT:${name}`] }],
    });
    for (const who of [staff, pat]) {
      const refusal = await service.refusal(who, link, { input: { id, userIds: [await people.user()] } });
      expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'UPDATE_ACCESS_TO_DOCUMENT' } });
    }
  });

  test('links users and groups, once, and gives them access as the modes say', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    const name = await service.schema({ properties });
    const id = await service.document(person(), name, { n: 1 });
    const [user, staff] = [{ userId }, person({ staff: [{ groupId, permissions: [] }] })];
    const read = async (who: Person) => (await service.ask(who, `{ document(id: "${id}") { data } }`)).document;
    expect([await read(user), await read(staff)]).toEqual([null, null]);
    const from = await position();
    // Who links need not see the document.
    expect(await linked(linker(), id, { userIds: [userId, userId.toUpperCase()], groupIds: [groupId] })).toBeNull();
    expect(await stored(id)).toMatchObject({ userIds: [userId], groupIds: [groupId] });
    expect([await read(user), await read(staff)]).toEqual([{ data: { n: 1 } }, { data: { n: 1 } }]);
    await linked(linker(), id, { userIds: [userId] });
    expect(await service.graph.readLog(from)).toMatchObject([
      { type: 'document_updated', access: { userIds: [userId], groupIds: [groupId] } },
    ]);
  });

  test('links files of the caller; who sees the document sees them', async () => {
    const pat = person();
    const name = await service.schema({ ...own, readMode: 'allUsers' });
    const id = await service.document(pat, name, {});
    const fileIds = [await newFile(pat), await newFile(pat)];
    const from = await position();
    const document = await linked(pat, id, { fileIds });
    expect(document.files).toEqual(fileIds.map((fileId) => ({ id: fileId })));
    await linked(pat, id, { fileIds });
    expect(await service.graph.readLog(from)).toMatchObject([
      { type: 'document_updated', content: { documentId: id } },
      ...fileIds.map((fileId) => ({
        type: 'file_links_changed',
        content: { fileId, documentId: id, linked: true },
        access: { before: null, after: { creatorId: pat.userId } },
      })),
    ]);
    const query = `query { visibleLinkedFiles(fileIds: ["${fileIds[0]}", "${newId()}"]) linkedFileIds(first: 1, before: "${fileIds[1]}") }`;
    const { data } = await service.graph.execute('data', { query, identity: person(), service: 'files' });
    expect(data).toEqual({ visibleLinkedFiles: [fileIds[0]], linkedFileIds: [fileIds[0]] });
  });

  test('without anything to link answers with the document', async () => {
    const pat = person();
    const id = await service.document(pat, await service.schema(own), {});
    const from = await position();
    expect((await linked(pat, id, {})).id).toBe(id);
    expect(await service.refusal(person(), link, { input: { id } })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await position()).toBe(from);
  });

  test('files in the same request show at once', async () => {
    const pat = person();
    const id = await service.document(pat, await service.schema(own), {});
    const fileId = await newFile(pat);
    const query = `mutation {
      none: linkDocument(input: { id: "${id}" }) { document { files { id } } }
      one: linkDocument(input: { id: "${id}", fileIds: ["${fileId}"] }) { document { files { id } } }
    }`;
    expect(await service.ask(pat, query)).toEqual({
      none: { document: { files: [] } },
      one: { document: { files: [{ id: fileId }] } },
    });
  });
});

test('a service that is not there is said to be', async () => {
  const alone = await startDataService();
  const pat = person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT'] });
  const id = await alone.document(pat, await alone.schema(own), {});
  for (const links of [{ userIds: [newId()] }, { groupIds: [newId()] }, { fileIds: [newId()] }]) {
    expect(await alone.refusal(pat, link, { input: { id, ...links } })).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  }
  await alone.close();
});
