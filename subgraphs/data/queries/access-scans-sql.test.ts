// The pieces in which a list looks for what a viewer sees: together they find what the condition lets through, each
// document once, whatever groups it has and in whatever order.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Condition } from '../../../platform/access/condition.ts';
import { all, any, equals, overlaps } from '../../../platform/access/condition.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, onEachDatabase, person } from '../../../tests/support/data-service.ts';
import { findSchemasById } from '../schemas/store.ts';
import { accessScans } from './access-scans-sql.ts';
import { newestFirst } from './document-order.ts';
import { always } from './filter-node.ts';
import { listDocumentRows } from './list-store.ts';

let service: DataService;
let schemaId: string;
const users = [newId(), newId()];
const groups = Array.from({ length: 12 }, newId);
const creatorId = newId();

const groupsOf = (most: number) => fc.uniqueArray(fc.constantFrom(...groups), { maxLength: most });
const documentsOf = fc.array(
  fc.record({
    userIds: fc.subarray(users),
    groupIds: groupsOf(4),
    data: fc.record({ n: fc.integer({ max: 3, min: 0 }) }),
  }),
  { maxLength: 25 },
);
const wayOf: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: groupsOf(12).map((ids) => overlaps('groupIds', ids)) },
  { weight: 1, arbitrary: fc.constantFrom(...users).map((id) => overlaps('userIds', [id])) },
  { weight: 1, arbitrary: fc.constantFrom(creatorId, newId()).map((id) => equals('creatorId', id)) },
);

test('few groups are looked for one by one, many as ever', () => {
  const seen = (count: number, manyGroups = true) =>
    accessScans(all(equals('schemaId', newId()), overlaps('groupIds', groups.slice(0, count))), manyGroups);
  expect(seen(1)).toHaveLength(3);
  expect(seen(10)).toHaveLength(3);
  expect(seen(10, false)).toHaveLength(2);
  expect(seen(11)).toHaveLength(1);
  expect(accessScans(equals('schemaId', newId()), true)).toHaveLength(1);
});

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
    const name = await service.schema();
    schemaId = (await service.ask(person(), `{ documentSchema(name: "${name}") { id } }`)).documentSchema.id;
  });
  afterAll(() => service.close());

  test('a list holds what the condition lets through, in its order', async () => {
    const { db } = service.database.forService<'document' | 'documentSchema' | 'schemaWithManyGroups'>('data');
    const byNumber = {
      name: 'n',
      keys: [{ field: { kind: 'data', path: ['n'], type: 'number' }, descending: false }],
      descending: false,
    } as const;
    await fc.assert(
      fc.asyncProperty(
        documentsOf,
        fc.array(wayOf, { maxLength: 3 }),
        fc.integer({ min: 1, max: 30 }),
        async (contents, ways, limit) => {
          await db.document.deleteMany({});
          await db.schemaWithManyGroups.deleteMany({});
          const documents = contents.map((content) => ({ id: newId(), schemaId, creatorId, ...content }));
          const rest = { status: 'new', statusChangedAt: new Date() };
          await db.document.createMany({ data: documents.map((document) => ({ ...document, ...rest })) });
          const visible = all(equals('schemaId', schemaId), any(...ways));
          const seen = documents.filter((document) => matches(visible, document));
          const page = { limit, backward: false, after: undefined, before: undefined, order: '' };
          const { manyGroups = true } = (await findSchemasById(db, [schemaId]))[0] ?? {};
          expect(manyGroups).toBe(documents.some(({ groupIds }) => groupIds.length > 2));
          const listing = { visible, filter: always, page, offset: 0, manyGroups, withData: false };
          const listed = async (order: typeof byNumber | typeof newestFirst) =>
            (await listDocumentRows(db, { ...listing, order })).map(({ document }) => document.id);
          const ids = seen.map(({ id }) => id).sort();
          expect(await listed(newestFirst)).toEqual([...ids].reverse().slice(0, limit + 1));
          const sorted = [...seen].sort((one, other) => one.data.n - other.data.n || (one.id < other.id ? -1 : 1));
          expect(await listed(byNumber)).toEqual(sorted.map(({ id }) => id).slice(0, limit + 1));
        },
      ),
      { numRuns: 60 },
    );
  }, 300_000);

  test('a document that comes into a third group is found there from then on', async () => {
    const { db } = service.database.forService<'document' | 'documentSchema' | 'schemaWithManyGroups'>('data');
    await db.document.deleteMany({});
    await db.schemaWithManyGroups.deleteMany({});
    const id = newId();
    const [first = '', second = '', third = ''] = groups;
    const rest = { status: 'new', statusChangedAt: new Date(), data: {}, userIds: [] };
    await db.document.create({ data: { id, schemaId, creatorId, groupIds: [first, second], ...rest } });
    const told = async () => (await findSchemasById(db, [schemaId]))[0]?.manyGroups;
    expect(await told()).toBe(false);
    await db.document.update({ where: { id }, data: { groupIds: [first, second, third] } });
    expect(await told()).toBe(true);
    // It stays so: what was once, an index may be read for in vain.
    await db.document.update({ where: { id }, data: { groupIds: [] } });
    expect(await told()).toBe(true);
  });
});
