// The history of documents: every version is there, whoever sees the document sees it, and it can be restored.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';
import { recordStatements } from '../../../tests/support/recorded-statements.ts';
import type { JsonObject } from '../json/plain-json.ts';
import { changesBetween, undone } from './document-changes.ts';

let service: DataService;
let client: DocumentClient;

beforeAll(async () => {
  service = await startDataService();
  client = documentClient(service);
});
afterAll(() => service.close());

const inner = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'string' } } };
const properties = {
  n: { type: 'number' },
  note: { type: 'string' },
  inner,
  list: { type: 'array', items: inner },
  free: { type: 'object', additionalProperties: { type: 'string' } },
};
const own = { properties, readMode: ['creator'], updateMode: ['creator'] };

async function start(data: Record<string, unknown> = {}, more: object = {}) {
  const who = person();
  const schemaName = await service.schema({ ...own, ...more });
  return { who, schemaName, id: await service.document(who, schemaName, data) };
}

const change = async (who: Person, id: string, data: object) =>
  (await client.send(who, 'update', { id, data })).document;

describe('differences', () => {
  const values = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.boolean());
  const key = fc.constantFrom('a', 'b', 'c', 'x.y', '');
  const { object } = fc.letrec<{ json: unknown; object: JsonObject }>((tie) => ({
    json: fc.oneof({ maxDepth: 3 }, values, tie('object'), fc.array(tie('json'), { maxLength: 3 })),
    object: fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
  }));

  test('whatever changed, undoing it gives what was there before, to the letter', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 6 }), (contents) => {
        const links = { userIds: [], groupIds: [] };
        const changes = contents.slice(1).map((data, index) => {
          return changesBetween({ data: contents[index] as JsonObject, ...links }, { data, ...links });
        });
        let data = contents.at(-1) as JsonObject;
        for (let index = changes.length - 1; index >= 0; index -= 1) {
          // As the database gives it back.
          data = undone(data, JSON.parse(JSON.stringify(changes[index])));
          expect(data).toEqual(contents[index]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what is the same is no change', () => {
    fc.assert(
      fc.property(object, (data) => {
        const copy = { data: JSON.parse(JSON.stringify(data)), userIds: ['a'], groupIds: [] };
        expect(changesBetween({ data, userIds: ['a'], groupIds: [] }, copy)).toEqual([]);
      }),
    );
  });
});

describe('a list of versions', () => {
  test('pages by number, forwards and backwards, and tells how many there are', async () => {
    const { who, id } = await start();
    for (let n = 2; n <= 7; n += 1) await change(who, id, { n });
    const numbers = ({ nodes }: { nodes: { version: number }[] }) => nodes.map(({ version }) => version);
    const first = await client.versions(who, id, { first: 3 });
    expect([numbers(first), first.totalCount, first.pageInfo.hasNextPage]).toEqual([[7, 6, 5], 7, true]);
    const next = await client.versions(who, id, { first: 3, after: first.pageInfo.endCursor });
    expect(numbers(next)).toEqual([4, 3, 2]);
    const last = await client.versions(who, id, { last: 2 });
    expect([numbers(last), last.nodes[1].data]).toEqual([[2, 1], {}]);
    expect(numbers(await client.versions(who, id, { last: 2, before: next.pageInfo.startCursor }))).toEqual([6, 5]);
  });

  test('a cursor of another list is refused', async () => {
    const { who, id } = await start();
    const cursor = Buffer.from(JSON.stringify(['version', 'x', id])).toString('base64url');
    await expect(client.versions(who, id, { after: cursor })).rejects.toThrow('not a cursor');
  });

  test('is for those who see the document', async () => {
    const { who, id } = await start({ n: 1 });
    expect(await client.read(person(), id)).toBeNull();
    expect((await client.versions(who, id)).nodes).toMatchObject([
      {
        version: 1,
        kind: 'CREATED',
        status: 'new',
        user: { id: who.userId },
        transitions: [],
        changes: [],
        data: { n: 1 },
      },
    ]);
  });
});

test('a write that changes nothing makes no version and no event', async () => {
  const { who, id } = await start({ n: 1, inner: { a: 1 } });
  const before = await client.trace(id);
  expect(await change(who, id, { n: 1, inner: { a: 1 }, note: null })).toMatchObject({ version: 1 });
  await client.send(who, 'restore', { id, version: 1 });
  expect(await client.trace(id)).toEqual(before);
});

test.each([2 ** 40, 2 ** 31, 0, -1, 1.5])('a cursor of version %d is refused', async (version) => {
  const { who, id } = await start();
  const after = Buffer.from(JSON.stringify(['version', version, id])).toString('base64url');
  const query = `{ document(id: "${id}") { versions(after: "${after}") { nodes { version } } } }`;
  expect(await service.refusal(who, query)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'after' } });
});

describe('the changes of versions', () => {
  /** The pages of a new document with two versions, and the reads of versions that they cost. */
  async function pagesOf(query: string) {
    const { who, id } = await start();
    await change(who, id, { n: 1 });
    let pages: unknown;
    const statements = await recordStatements(async () => {
      pages = (await service.ask(who, query, { id })).document;
    });
    return { pages, reads: statements.filter((statement) => statement.includes('data.document_versions')) };
  }
  const numbers = { nodes: [{ version: 2 }, { version: 1 }] };

  test('are not read for who does not ask for them', async () => {
    const query = 'query ($id: ID!) { document(id: $id) { versions { nodes { version } } } }';
    const { pages, reads } = await pagesOf(query);
    expect(pages).toEqual({ versions: numbers });
    expect(reads.map((statement) => statement.includes('v.changes'))).toEqual([false]);
  });

  test('are there for who asks for them, also beside the same page without them', async () => {
    const query = `query ($id: ID!) { document(id: $id) {
      short: versions { nodes { version } }
      long: versions { ...Page }
    } } fragment Page on DocumentVersionConnection { nodes { ... { seen: changes { path after } } } }`;
    const { pages, reads } = await pagesOf(query);
    const long = { nodes: [{ seen: [{ path: 'data.n', after: 1 }] }, { seen: [] }] };
    expect(pages).toEqual({ short: numbers, long });
    expect(reads.map((statement) => statement.includes('v.changes')).sort()).toEqual([false, true]);
  });
});

describe('restoreDocument', () => {
  test.each([
    [0, 'BAD_USER_INPUT'],
    [3, 'NOT_FOUND'],
  ])('is refused for version %i', async (version, code) => {
    const { who, id } = await start();
    await change(who, id, { n: 1 });
    const fault = await client.refusedWithoutChange(who, 'restore', { id, version });
    expect(fault).toMatchObject({ code, details: { field: 'input.version' } });
  });

  test('is refused for those who may not change the document', async () => {
    const { id } = await start();
    const reader = person({ permissions: ['VIEW_DOCUMENTS'] });
    expect((await client.refusedWithoutChange(reader, 'restore', { id, version: 1 })).code).toBe('FORBIDDEN');
    expect((await client.refusedWithoutChange(person(), 'restore', { id, version: 1 })).code).toBe('NOT_FOUND');
  });

  test('is refused for content that the schema does not allow any more', async () => {
    const { who, id, schemaName } = await start({ n: 500, note: 'x' });
    await change(who, id, { n: 1 });
    await redefine(schemaName, { ...properties, n: { type: 'number', maximum: 10 } });
    const fault = await client.refusedWithoutChange(who, 'restore', { id, version: 1 });
    expect(fault).toMatchObject({ details: { field: 'data.n', code: 26 } });
  });

  test('gives back the content, as a version of its own that can be undone, too', async () => {
    const { who, id } = await start({ n: 1, note: 'a' });
    await change(who, id, { n: 2, note: null, inner: { a: 1 } });
    expect((await client.send(who, 'restore', { id, version: 1 })).document).toMatchObject({
      version: 3,
      data: { n: 1, note: 'a' },
    });
    const { nodes } = await client.versions(who, id);
    expect(nodes[0]).toMatchObject({ version: 3, kind: 'RESTORED', transitions: [] });
    const again = await client.send(who, 'restore', { id, version: 2 });
    expect(again.document.data).toEqual({ n: 2, inner: { a: 1 } });
  });
});

describe('what the schema no longer declares', () => {
  const { note: _, ...without } = properties;
  const less = { ...without, inner: { type: 'object', properties: { a: { type: 'number' } } } };

  test('is hidden in documents, versions and changes, and survives every write', async () => {
    const { who, id, schemaName } = await start({
      n: 1,
      note: 'secret',
      inner: { a: 1, b: 'secret' },
      list: [{ a: 1, b: 'x' }],
    });
    await change(who, id, { note: 'secret 2', inner: { a: 2, b: 'secret 2' } });
    await redefine(schemaName, less);
    expect((await client.refusedWithoutChange(who, 'update', { id, data: { note: 'x' } })).details?.field).toBe(
      'input.data.note',
    );
    await change(who, id, { n: 3, inner: { a: 3 } });
    await client.send(who, 'deleteFields', { id, fields: ['note', 'n'] });
    await client.send(who, 'restore', { id, version: 1 });
    const seen = JSON.stringify([await client.read(who, id), await client.versions(who, id)]);
    expect(seen).not.toContain('secret');
    expect((await client.read(who, id)).data).toMatchObject({ n: 1, inner: { a: 1 } });
    await redefine(schemaName, properties);
    expect((await client.read(who, id)).data).toEqual({
      n: 1,
      note: 'secret 2',
      inner: { a: 1, b: 'secret 2' },
      list: [{ id: expect.any(String), a: 1, b: 'x' }],
    });
  });

  test('is what is of another type than declared, too, at every level', async () => {
    const { who, id, schemaName } = await start({ n: 1, inner: { a: 1, b: 'secret' }, list: [{ a: 1, b: 'secret' }] });
    await change(who, id, { inner: { a: 2, b: 'secret 2' } });
    const before = (await client.read(who, id)).data;
    const text = { type: 'string' };
    const others = { inner: text, list: { type: 'array', items: text }, free: { type: 'object', properties: {} } };
    await redefine(schemaName, { ...properties, ...others });
    await change(who, id, { n: 3 });
    await client.send(who, 'restore', { id, version: 1 });
    const seen = JSON.stringify([await client.read(who, id), await client.versions(who, id)]);
    expect(seen).not.toContain('secret');
    expect((await client.read(who, id)).data).toEqual({ n: 1, list: [] });
    const fault = await client.refusedWithoutChange(who, 'update', { id, data: { inner: { a: 1 } } });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { code: 26 } });
    await redefine(schemaName, properties);
    expect((await client.read(who, id)).data).toEqual(before);
    await redefine(schemaName, { ...properties, ...others });
    await change(who, id, { inner: 'open', list: ['open'] });
    expect((await client.read(who, id)).data).toEqual({ n: 1, inner: 'open', list: ['open'] });
    const [newest] = (await client.versions(who, id)).nodes;
    expect(newest.changes).toContainEqual({ path: 'data.inner', before: null, after: 'open' });
  });
});

async function redefine(name: string, given: object): Promise<void> {
  const query =
    'mutation ($input: UpdateDocumentSchemaInput!) { updateDocumentSchema(input: $input) { schema { id } } }';
  const author = person({ permissions: ['UPDATE_SCHEMAS'] });
  await service.ask(author, query, { input: { name, definition: { ...own, properties: given } } });
}
