// Changes at the same time: nothing is lost, nothing is there twice, and nobody waits for ever.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import {
  createSchemaMutation,
  type DataService,
  onEachDatabase,
  type Person,
  person,
} from '../../../tests/support/data-service.ts';

let service: DataService;
const keys = Array.from({ length: 12 }, (_, index) => `p${index}`);
const properties = Object.fromEntries(keys.map((key) => [key, { type: 'number' }]));
const own = { properties, readMode: ['creator'], updateMode: ['creator'], deleteMode: ['creator'] };

const stored = (id: string) =>
  service.database.forService<'document'>('data').db.document.findUnique({ where: { id } });
const eventsOf = async (id: string) =>
  (
    await service.database.forService<'outboxEvent'>('data').db.outboxEvent.findMany({ orderBy: { seq: 'asc' } })
  ).filter(({ content }) => (content as { documentId?: string }).documentId === id);

const attempt = (who: Person, query: string, input: object) =>
  service.graph.execute('data', { query, variables: { input }, identity: who });
const update = 'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { document { id } } }';
const remove = 'mutation ($input: DeleteDocumentInput!) { deleteDocument(input: $input) { deletedId } }';

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service.close());

  test('updates of one document by many all stay', async () => {
    const pat = person();
    const id = await service.document(pat, await service.schema(own));
    const results = await Promise.all(keys.map((key, index) => attempt(pat, update, { id, data: { [key]: index } })));
    expect(results.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect((await stored(id))?.data).toEqual(Object.fromEntries(keys.map((key, index) => [key, index])));
    expect(await eventsOf(id)).toHaveLength(1 + keys.length);
  });

  test('of many who delete a document, one does', async () => {
    const pat = person();
    const id = await service.document(pat, await service.schema(own));
    const results = await Promise.all(keys.map(() => attempt(pat, remove, { id })));
    const codes = results.map(({ errors }) => errors?.[0]?.extensions?.code ?? 'deleted').sort();
    expect(codes).toEqual([...keys.slice(1).map(() => 'NOT_FOUND'), 'deleted'].sort());
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['document_created', 'document_deleted']);
  });

  test('an update beside a deletion changes it before or finds it gone', async () => {
    const pat = person();
    const name = await service.schema(own);
    for (const key of keys) {
      const id = await service.document(pat, name);
      const [updated, removed] = await Promise.all([
        attempt(pat, update, { id, data: { [key]: 1 } }),
        attempt(pat, remove, { id }),
      ]);
      expect(removed.errors).toBeUndefined();
      expect([undefined, 'NOT_FOUND']).toContain(updated.errors?.[0]?.extensions?.code);
      expect(await stored(id)).toBeNull();
      expect((await eventsOf(id)).at(-1)?.type).toBe('document_deleted');
    }
  });

  test('of many who create a schema of the same name, one does', async () => {
    const author = person({ permissions: ['CREATE_SCHEMAS'] });
    const name = `same-${newId().slice(-6)}`;
    const results = await Promise.all(keys.map(() => attempt(author, createSchemaMutation, { name })));
    const codes = results.map(({ errors }) => errors?.[0]?.extensions?.code ?? 'created').sort();
    expect(codes).toEqual([...keys.slice(1).map(() => 'ALREADY_EXISTS'), 'created'].sort());
  });
});
