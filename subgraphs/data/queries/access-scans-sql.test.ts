// The pieces in which a list looks for what a viewer sees: together they find what the condition lets through, each
// document once, whatever groups it has and in whatever order.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Condition } from '../../../platform/access/condition.ts';
import { all, any, equals, overlaps } from '../../../platform/access/condition.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, onEachDatabase, person } from '../../../tests/support/data-service.ts';
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
  const seen = (count: number) =>
    accessScans(all(equals('schemaId', newId()), overlaps('groupIds', groups.slice(0, count))));
  expect(seen(1)).toHaveLength(3);
  expect(seen(10)).toHaveLength(3);
  expect(seen(11)).toHaveLength(1);
  expect(accessScans(equals('schemaId', newId()))).toHaveLength(1);
});

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
    const name = await service.schema();
    schemaId = (await service.ask(person(), `{ documentSchema(name: "${name}") { id } }`)).documentSchema.id;
  });
  afterAll(() => service.close());

  test('a list holds what the condition lets through, in its order', async () => {
    const { db } = service.database.forService<'document' | 'documentSchema' | 'documentFile'>('data');
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
          const documents = contents.map((content) => ({ id: newId(), schemaId, creatorId, ...content }));
          const rest = { status: 'new', statusChangedAt: new Date() };
          await db.document.createMany({ data: documents.map((document) => ({ ...document, ...rest })) });
          const visible = all(equals('schemaId', schemaId), any(...ways));
          const seen = documents.filter((document) => matches(visible, document));
          const page = { limit, backward: false, after: undefined, before: undefined, order: '' };
          const listed = async (order: typeof byNumber | typeof newestFirst) =>
            (await listDocumentRows(db, { visible, filter: always, order, page, offset: 0, withData: false })).map(
              ({ document }) => document.id,
            );
          const ids = seen.map(({ id }) => id).sort();
          expect(await listed(newestFirst)).toEqual([...ids].reverse().slice(0, limit + 1));
          const sorted = [...seen].sort((one, other) => one.data.n - other.data.n || (one.id < other.id ? -1 : 1));
          expect(await listed(byNumber)).toEqual(sorted.map(({ id }) => id).slice(0, limit + 1));
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);
});
