// What is known of files, as GraphQL gives it: creating, reading, lists in every order and from both ends.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { encodeCursor } from '../../platform/paging/page.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { fileQuestions } from '../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { countByTable, recordStatements } from '../../tests/support/recorded-statements.ts';
import { data } from '../data/index.ts';

let files: FileService;
const { ask, refusal } = fileQuestions(() => files);
beforeAll(async () => {
  files = await startFileService({ others: [data as SubgraphDefinition] });
});
afterAll(() => files.close());

const person = (rights: Partial<Person> = {}): Person => ({ userId: newId(), ...rights });

const createFile =
  'mutation ($input: CreateFileInput!) { createFile(input: $input) { file { id name mimeType size sha256 tags status downloadUrl creator { id } tokens { id } createdAt updatedAt } uploadUrl resumableUploadUrl token { id token accessLevel expiresAt singleUse } } }';
const listed = `query ($filter: FileFilter, $orderBy: FileOrder, $first: Int, $after: String, $last: Int, $before: String) {
  files(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id name } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const names = ({ nodes }: { nodes: { name: string }[] }) => nodes.map(({ name }) => name);

describe('creating a file', () => {
  test('is for signed-in users', async () => {
    expect(await refusal({}, createFile, { input: { name: 'a' } })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test.each([
    ['input.name', { name: '../x' }],
    ['input.mimeType', { name: 'x', mimeType: 'nonsense' }],
    ['input.tags', { name: 'x', tags: Array.from({ length: 51 }, (_, index) => `${index}`) }],
    ['input.tags.1', { name: 'x', tags: ['ok', '\u0000'] }],
  ])('is refused, and nothing is made, when %s is not valid', async (field, input) => {
    const pat = person();
    expect(await refusal(pat, createFile, { input })).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect((await ask(pat, listed)).files.totalCount).toBe(0);
  });

  test('gives it a key of its own, and notes the application', async () => {
    const pat = person({ applicationId: newId() });
    const { db } = files.graph.database.forService<'file'>('files');
    const [one, other] = await Promise.all(
      [await files.createFile(pat), await files.createFile(person())].map(({ id }) =>
        db.file.findUniqueOrThrow({ where: { id } }),
      ),
    );
    expect(one).toMatchObject({ applicationId: pat.applicationId, masterKeyId: 'service' });
    expect(other?.applicationId).toBeNull();
    expect(one?.wrappedKey).toEqual(expect.any(String));
    expect(one?.wrappedKey).not.toBe(other?.wrappedKey);
  });

  test('answers the file and where to put its bytes', async () => {
    const pat = person();
    const input = { name: 'trace.ecg', mimeType: 'Application/DICOM', tags: ['ecg', 'ecg', 'raw'] };
    const { file, uploadUrl, resumableUploadUrl, token } = (await ask(pat, createFile, { input })).createFile;
    expect(file).toEqual({
      id: expect.any(String),
      name: 'trace.ecg',
      mimeType: 'application/dicom',
      size: null,
      sha256: null,
      tags: ['ecg', 'raw'],
      status: 'AWAITING_BYTES',
      downloadUrl: null,
      creator: { id: pat.userId },
      tokens: [{ id: token.id }],
      createdAt: expect.anything(),
      updatedAt: expect.anything(),
    });
    expect(uploadUrl).toMatch(new RegExp(`^${files.url}/files/${file.id}\\?grant=[\\w-]+\\.[\\w-]+\\.[\\w-]+$`));
    expect(resumableUploadUrl).toMatch(
      new RegExp(`^${files.url}/files/uploads/${file.id}\\?grant=[\\w-]+\\.[\\w-]+\\.[\\w-]+$`),
    );
    expect(token).toEqual({
      id: expect.any(String),
      token: expect.stringMatching(/^cgf_[\w-]{43}$/),
      accessLevel: 'FULL',
      expiresAt: null,
      singleUse: false,
    });
    const defaults = (await ask(pat, createFile, { input: { name: 'x' } })).createFile.file;
    expect(defaults).toMatchObject({ mimeType: 'application/octet-stream', tags: [] });
  });
});

describe('reading a file', () => {
  test('is for signed-in users, and takes ids only', async () => {
    expect(await refusal({}, '{ file(id: "x") { id } }')).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await refusal(person(), '{ file(id: "x") { id } }')).toMatchObject({ code: 'BAD_USER_INPUT', field: 'id' });
    expect((await ask(person(), `{ file(id: "${randomUUID()}") { id } }`)).file).toBeNull();
  });

  test('asking which files another person sees is for services', async () => {
    const query = `{ visibleFiles(ids: ["${randomUUID()}"]) }`;
    expect(await refusal(person({ permissions: ['VIEW_FILES'] }), query)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('gives the size as a number and a URL to the bytes', async () => {
    const pat = files.know(person());
    const { id } = await files.uploadedFile(pat, randomBytes(1234));
    expect(await files.file(pat, id.toUpperCase())).toMatchObject({
      id,
      size: 1234,
      downloadUrl: expect.stringMatching(new RegExp(`^${files.url}/files/${id}\\?grant=`)),
    });
  });
});

describe('a list of files', () => {
  const pat = person();
  beforeAll(async () => {
    for (const [name, mimeType, tags] of [
      ['beta.png', 'image/png', ['scan']],
      ['alpha.png', 'image/png', ['scan', 'old']],
      ['gamma.pdf', 'application/pdf', ['letter']],
      ['alpha.png', 'image/png', []],
      ['100%.pdf', 'application/pdf', ['letter', 'old']],
    ] as const) {
      await files.createFile(pat, { name, mimeType, tags });
    }
  });
  const list = async (variables: Record<string, unknown> = {}) => (await ask(pat, listed, variables)).files;

  test.each([
    ['both ends at once', { first: 1, last: 1 }],
    ['a negative number', { first: -1 }],
    ['a cursor that is none', { after: 'x' }],
    ['a malformed id', { filter: { creatorId: { eq: 'x' } } }],
    ['a tag that cannot be stored', { filter: { tags: { contains: '\u0000' } } }],
    ['a name that cannot be stored', { filter: { name: { like: '\u0000' } } }],
  ])('is refused with %s', async (_what, variables) => {
    expect(await refusal(pat, listed, variables)).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('refuses the cursor of another order', async () => {
    const { pageInfo } = await list({ first: 1 });
    const variables = { after: pageInfo.endCursor, orderBy: { field: 'NAME' } };
    expect(await refusal(pat, listed, variables)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  test('is newest first unless told', async () => {
    expect(names(await list())).toEqual(['100%.pdf', 'alpha.png', 'gamma.pdf', 'alpha.png', 'beta.png']);
    expect(names(await list({ orderBy: { field: 'CREATED_AT' } }))).toEqual(names(await list()).reverse());
  });

  test.each([
    [{ name: { eq: 'alpha.png' } }, 2],
    [{ name: { like: 'PNG' } }, 3],
    [{ name: { like: '%' } }, 1],
    [{ mimeType: { in: ['application/pdf'] } }, 2],
    [{ tags: { contains: 'old' } }, 2],
    [{ tags: { excludes: 'old' } }, 3],
    [{ and: [{ tags: { contains: 'old' } }, { mimeType: { ne: 'image/png' } }] }, 1],
    [{ or: [{ tags: { contains: 'letter' } }, { name: { eq: 'beta.png' } }] }, 3],
    [{ not: { name: { like: 'alpha' } } }, 3],
    [{ creatorId: { eq: newId() } }, 0],
    [{ createdAt: { gt: '2020-01-01T00:00:00Z' } }, 5],
    [{ createdAt: { lt: '2020-01-01T00:00:00Z' } }, 0],
  ])('with the filter %j has %i files', async (filter, count) => {
    const page = await list({ filter, first: 1 });
    expect(page.totalCount).toBe(count);
    expect(names(await list({ filter }))).toHaveLength(count);
  });

  test.each(['CREATED_AT', 'NAME'])(
    'can be gone through from both ends, by %s, without loss and repetition',
    async (field) => {
      const orderBy = { field, direction: 'DESC' };
      const whole = (await list({ orderBy })).nodes;
      const forward: unknown[] = [];
      for (let after: string | null = null; forward.length < whole.length; ) {
        const page = await list({ orderBy, first: 2, after });
        forward.push(...page.nodes);
        expect(page.pageInfo.hasNextPage).toBe(forward.length < whole.length);
        after = page.pageInfo.endCursor;
      }
      expect(forward).toEqual(whole);
      const backward: unknown[] = [];
      for (let before: string | null = null; backward.length < whole.length; ) {
        const page = await list({ orderBy, last: 2, before });
        backward.unshift(...page.nodes);
        before = page.pageInfo.startCursor;
      }
      expect(backward).toEqual(whole);
    },
  );
});

test('a list is exact for who sees more linked files than one statement can name', async () => {
  const [creator, reader] = [person(), person({ permissions: ['VIEW_DOCUMENTS'] })];
  const own = await files.createFile(reader, { name: 'file 000000' });
  const count = 35_000;
  // The oldest linked files, which the last question names, include one of the reader's own.
  const linked = [own.id, ...Array.from({ length: count - 1 }, () => newId())];
  await linkDirectly(creator, linked);
  const all = [...linked].reverse();

  const list = async (variables: Record<string, unknown>) => (await ask(reader, listed, variables)).files;
  const linksAskedFor = async (variables: Record<string, unknown>) => {
    const page = 'query ($first: Int, $after: String) { files(first: $first, after: $after) { nodes { id } } }';
    return countByTable(await recordStatements(() => ask(reader, page, variables)))['data.document_files'];
  };
  expect(await linksAskedFor({ first: 100 })).toBe(1);
  const middle = encodeCursor('id desc', { key: null, id: all[20_000] as string });
  expect(await linksAskedFor({ first: 100, after: middle })).toBe(1);
  const first = await list({ first: 100 });
  expect(first.totalCount).toBe(count);
  expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual(all.slice(0, 100));
  const last = await list({ last: 100 });
  expect(last.nodes.map(({ id }: { id: string }) => id)).toEqual(all.slice(-100));
  const byName = await list({ first: 3, orderBy: { field: 'NAME' } });
  expect(names(byName)).toEqual(['file 000000', 'file 000001', 'file 000002']);
  const next = await list({ first: 3, orderBy: { field: 'NAME' }, after: byName.pageInfo.endCursor });
  expect(names(next)).toEqual(['file 000003', 'file 000004', 'file 000005']);
  expect((await list({ filter: { name: { in: ['file 000000', 'file 034999'] } } })).totalCount).toBe(2);
}, 300_000);

/** A document with these files, of which those that there are not yet are made: straight into the tables, for there are many. */
async function linkDirectly(creator: Person, fileIds: readonly string[]): Promise<void> {
  const rows = files.graph.database.forService<'file'>('files').db;
  const documents = files.graph.database.forService<'document' | 'documentFile' | 'documentSchema'>('data').db;
  const schemaId = newId();
  const id = newId();
  const none = 'permissionRequired';
  const definition = { createMode: none, readMode: none, updateMode: none, deleteMode: none };
  await documents.documentSchema.create({ data: { id: schemaId, name: 'many', description: '', definition } });
  const document = { id, schemaId, creatorId: creator.userId, status: 'new', statusChangedAt: new Date(), data: {} };
  await documents.document.create({ data: document });
  await rows.$executeRaw`
    INSERT INTO files.files (id, name, mime_type, tags, creator_id, updated_at)
    SELECT file_id, 'file ' || lpad((place - 1)::text, 6, '0'), 'text/plain', '{}', ${creator.userId}::uuid, now()
    FROM unnest(${fileIds}::uuid[]) WITH ORDINALITY AS given (file_id, place)
    ON CONFLICT DO NOTHING`;
  await documents.$executeRaw`
    INSERT INTO data.document_files (document_id, file_id, updated_at)
    SELECT ${id}::uuid, file_id, now() FROM unnest(${fileIds}::uuid[]) AS given (file_id)`;
}
