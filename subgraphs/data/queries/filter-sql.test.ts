// Filters of documents, as SQL in a real database, against a plain evaluation of the same filter on the same documents.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Prisma } from '../../../generated/prisma/client.ts';
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, onEachDatabase, person } from '../../../tests/support/data-service.ts';
import type { ModelFilter, ModelRow } from '../../../tests/support/filter-model.ts';
import { declaredPaths, filterProperties, modelMatches, undeclaredPaths } from '../../../tests/support/filter-model.ts';
import type { Properties } from '../schemas/type-configuration.ts';
import { documentSelection } from './document-selection-sql.ts';
import { readFilter } from './filter.ts';
import type { FilteredDocument } from './matches-filter.ts';
import { matchesFilter } from './matches-filter.ts';

let service: DataService;
let schemaName: string;
let schemaId: string;
const viewer = person();

async function found(...filters: ModelFilter[]): Promise<string[][]> {
  const variables = Object.fromEntries(filters.map((filter, index) => [`f${index}`, filter]));
  const declared = filters.map((_, index) => `$f${index}: DocumentFilter`).join(' ');
  const fields = filters.map(
    (_, index) => `r${index}: documents(schemaName: "${schemaName}", filter: $f${index}) { nodes { id } }`,
  );
  const answer = await service.ask(viewer, `query (${declared}) { ${fields.join(' ')} }`, variables);
  return filters.map((_, index) => answer[`r${index}`].nodes.map(({ id }: { id: string }) => id).sort());
}

const numbers = [0, 1, 1.5, -2, 0.1, 1e21, 5e-324, 9007199254740991];
const texts = [
  '',
  'a',
  'A',
  'ab',
  'B',
  'é',
  'É',
  '😀',
  '\uffee',
  '%',
  '_',
  '\\',
  '\\%',
  '10',
  'null',
  '2020',
  '2020-01-01T00:00:00.000Z',
  '2021-06-01T10:00:00.000Z',
];
const scalar = fc.oneof(
  fc.constantFrom<unknown>(...numbers),
  fc.constantFrom<unknown>(...texts),
  fc.constantFrom<unknown>(true, false, null),
);
/** Of any type, whatever is declared: schemas change, documents stay. */
const odd = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 3, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>({}, { model: 'a' }, [[1, 'a']], [{ kcal: 1 }]) },
);
const part = fc.record({ id: fc.constantFrom('p1', 'p2'), x: scalar }, { requiredKeys: [] });
const meal = fc.record(
  { id: fc.constantFrom('m1', 'm2'), kcal: odd, name: odd, parts: fc.array(part, { maxLength: 2 }) },
  { requiredKeys: [] },
);
const dataOf = fc.record(
  {
    n: odd,
    s: odd,
    b: odd,
    at: odd,
    tags: odd,
    nums: odd,
    meals: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.array(fc.oneof({ weight: 5, arbitrary: meal }, { weight: 1, arbitrary: odd }), { maxLength: 3 }),
      },
      { weight: 1, arbitrary: odd },
    ),
    device: fc.oneof(fc.record({ model: odd, other: odd }, { requiredKeys: [] }), odd),
  },
  { requiredKeys: [] },
);

const orderable = fc.oneof(fc.constantFrom<unknown>(...numbers), fc.constantFrom<unknown>(...texts));
const operation: fc.Arbitrary<ModelFilter> = fc.oneof(
  fc.record({ eq: scalar }),
  fc.record({ ne: scalar }),
  fc.record({ in: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ out: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ gt: orderable, lt: orderable }, { requiredKeys: [] }),
  fc.record({ ge: orderable, le: orderable }, { requiredKeys: [] }),
  fc.record({ like: fc.constantFrom(...texts) }),
  fc.record({ present: fc.boolean() }),
);
const columnOperation: fc.Arbitrary<ModelFilter> = fc.oneof(
  fc.record({ field: fc.constant('status'), eq: fc.constantFrom<unknown>('new', 'old', 'NEW', null, 5) }),
  fc.record({ field: fc.constant('status'), out: fc.constant<unknown[]>(['new', null]) }),
  fc.record({ field: fc.constant('status'), gt: fc.constantFrom<unknown>('new', 'm', 'z', 1) }),
  fc.record({ field: fc.constant('status'), like: fc.constantFrom('E', 'ne', '%') }),
  fc.record({ field: fc.constantFrom('status', 'userIds', 'id', 'createdAt'), present: fc.boolean() }),
);

type Level = keyof typeof declaredPaths;
const elements = {
  data: { path: 'meals', level: 'meal' },
  meal: { path: 'parts', level: 'part' },
  part: undefined,
} as const;

function filterOn(level: Level, depth: number): fc.Arbitrary<ModelFilter> {
  const prefix = level === 'data' ? 'data.' : '';
  const field = fc
    .oneof(
      { weight: 9, arbitrary: fc.constantFrom(...declaredPaths[level]) },
      { weight: 1, arbitrary: fc.constantFrom(...undeclaredPaths) },
    )
    .map((path) => prefix + path);
  const leaf = fc.tuple(field, operation).map(([name, rest]) => ({ field: name, ...rest }));
  const leaves =
    level === 'data' ? fc.oneof({ weight: 6, arbitrary: leaf }, { weight: 1, arbitrary: columnOperation }) : leaf;
  if (depth === 0) return leaves;
  const inner = filterOn(level, depth - 1);
  const element = elements[level];
  const nested: fc.Arbitrary<ModelFilter>[] = [
    leaves,
    fc.record({ and: fc.array(inner, { maxLength: 3 }) }),
    fc.record({ or: fc.array(inner, { maxLength: 3 }) }),
    fc.record({ not: inner }),
    fc.tuple(leaf, inner).map(([one, other]) => ({ ...one, not: other })),
    fc.tuple(field, inner).map(([name, where]) => ({ field: name, contains: where })),
  ];
  if (element !== undefined) {
    const where = filterOn(element.level, depth - 1);
    nested.push(where.map((contains) => ({ field: prefix + element.path, contains })));
    nested.push(where.map((excludes) => ({ field: prefix + element.path, excludes })));
  }
  return fc.oneof(...nested);
}

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
    const properties = {
      ...filterProperties,
      secret: { type: 'object', queryable: false, properties: { a: { type: 'number' } } },
    };
    schemaName = await service.schema({ readMode: 'allUsers', maximumLimit: 1_000, defaultLimit: 1_000, properties });
    schemaId = (await service.ask(viewer, `{ documentSchema(name: "${schemaName}") { id } }`)).documentSchema.id;
  });
  afterAll(() => service.close());

  test('SQL finds what the plain evaluation finds', async () => {
    const { db } = service.database.forService<'document'>('data');
    const documentsOf = fc.array(fc.tuple(dataOf, fc.constantFrom('new', 'old')), { minLength: 1, maxLength: 25 });
    const filtersOf = fc.array(filterOn('data', 3), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(documentsOf, filtersOf, async (contents, filters) => {
        const rows = contents.map(([data, status]) => ({ id: newId(), status, data }));
        await db.document.deleteMany({});
        const rest = { schemaId, creatorId: viewer.userId, userIds: [], groupIds: [], statusChangedAt: new Date() };
        await db.document.createMany({ data: rows.map((row) => ({ ...row, ...rest, data: row.data as object })) });
        const modelRow = ({ id, status, data }: (typeof rows)[number]): ModelRow => ({
          columns: { id, status, userIds: [], createdAt: '' },
          // As JSON: a number beyond what it can hold, for one, is another number once it is stored.
          data: JSON.parse(JSON.stringify(data)),
        });
        const expected = filters.map((filter) =>
          rows
            .filter((row) => modelMatches(filter, modelRow(row)))
            .map(({ id }) => id)
            .sort(),
        );
        expect(await found(...filters)).toEqual(expected);
        // What writers expect of a document is decided without the database, and alike.
        const kept = await db.$queryRaw<FilteredDocument[]>(
          Prisma.sql`SELECT ${documentSelection({ withData: true })} FROM data.documents d`,
        );
        const matching = (filter: ModelFilter) => {
          const node = readFilter(filter as DocumentFilter, filterProperties as Properties, 'filter');
          return kept.filter((document) => matchesFilter(node, document)).map(({ id }) => id);
        };
        expect(filters.map((filter) => matching(filter).sort())).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  }, 180_000);

  describe('where a list is stored and an object is declared', () => {
    // Text that PostgreSQL takes for a place in a list, also from its end, and what else one could take for it.
    const odd = ['-1', '+1', '01', ' 1', '\t1', '-0', '00000001', '1000000', '99999999999', '-99999999999'];
    const others = ['0', '1', '2', '1e0', '1 ', '0x1', '1.0', '', '-', 'last', '१'];
    const keys = [...odd, ...others].filter((key) => !key.includes('.'));
    const string = { type: 'string' };
    const properties = {
      list: { type: 'object', additionalProperties: { type: 'string' } },
      lists: { type: 'object', additionalProperties: { type: 'object', additionalProperties: string } },
      items: {
        type: 'array',
        items: { type: 'object', properties: { list: { type: 'object', additionalProperties: string } } },
      },
    } as const;
    const values = ['a', 'b'];
    const contents: Record<string, unknown>[] = [
      { list: values, lists: [values, values], items: [{ list: values }] },
      {
        list: Object.fromEntries(keys.map((key) => [key, 'b'])),
        lists: { '-1': { '01': 'b' }, '01': values, 0: { '-1': 'b' } },
      },
      { list: 'b' },
    ];

    async function stored() {
      const name = await service.schema({ readMode: 'allUsers', properties });
      const { id } = (await service.ask(viewer, `{ documentSchema(name: "${name}") { id } }`)).documentSchema;
      const { db } = service.database.forService<'document'>('data');
      const rest = {
        schemaId: id,
        creatorId: viewer.userId,
        userIds: [],
        groupIds: [],
        statusChangedAt: new Date(),
        status: 'new',
      };
      const rows = contents.map((data) => ({ id: newId(), ...rest, data: data as object }));
      await db.document.createMany({ data: rows });
      return { name, ids: rows.map((row) => row.id) };
    }
    const fields = [
      ...keys.map((key) => `data.list.${key}`),
      ...keys.flatMap((key) => [`data.lists.${key}.1`, `data.lists.1.${key}`, `data.lists.${key}.${key}`]),
      'data.lists.-1.01',
      'data.lists.0.-1',
    ];

    test('SQL and predicate find the same', async () => {
      const { name, ids } = await stored();
      const filters: ModelFilter[] = [
        ...fields.flatMap((field) => [
          { field, eq: 'b' },
          { field, present: true },
          { field, like: 'B' },
          { field, ge: 'a' },
        ]),
        ...keys.map((key) => ({ field: 'data.items', contains: { field: `list.${key}`, eq: 'b' } })),
      ];
      const { db } = service.database.forService<'document'>('data');
      const kept = await db.$queryRaw<FilteredDocument[]>(
        Prisma.sql`SELECT ${documentSelection({ withData: true })} FROM data.documents d WHERE d.id = ANY(${ids}::uuid[])`,
      );
      for (const filter of filters) {
        const node = readFilter(filter as DocumentFilter, properties as Properties, 'filter');
        const matching = kept.filter((document) => matchesFilter(node, document)).map(({ id }) => id);
        const query = `query ($filter: DocumentFilter) { documents(schemaName: "${name}", filter: $filter) { nodes { id } } }`;
        const answer = await service.ask(viewer, query, { filter });
        const nodes = answer.documents.nodes.map(({ id }: { id: string }) => id);
        expect([filter, nodes.sort()]).toEqual([filter, matching.sort()]);
      }
    });

    test.each(odd)('%j is absent there to orders and figures, and a key of objects', async (key) => {
      const { name, ids } = await stored();
      const [list, object, text] = ids;
      const field = `data.list.${key}`;
      const query = `query ($field: String!) {
        documents(schemaName: "${name}", orderBy: [{ field: $field, direction: ASC }]) { nodes { id } }
        documentAggregate(schemaName: "${name}", groupBy: [{ field: $field }], measures: [{ function: COUNT, field: $field }]) {
          groups { keys count values }
        }
      }`;
      const { documents, documentAggregate } = await service.ask(viewer, query, { field });
      expect(documents.nodes).toEqual([object, list, text].map((id) => ({ id })));
      expect(documentAggregate.groups.map(({ count }: { count: number }) => count).sort()).toEqual([1, 2]);
    });
  });

  describe('a filter is refused, naming the place', () => {
    const deep = (depth: number): ModelFilter => (depth === 0 ? {} : { not: deep(depth - 1) });
    const cases: [string, ModelFilter, string][] = [
      ['an operator without a field', { eq: 1 }, 'filter.field'],
      ['an operator without a field, inside', { and: [{}, { or: [{ gt: 1 }] }] }, 'filter.and.1.or.0.field'],
      ['an unknown root field', { field: 'owner', eq: 1 }, 'filter.field'],
      ['data itself', { field: 'data', eq: 1 }, 'filter.field'],
      ['what objects in general have', { field: 'toString', eq: 1 }, 'filter.field'],
      ['an object to compare with', { field: 'data.s', eq: {} }, 'filter.eq'],
      ['a list to compare with', { field: 'data.s', in: [[1]] }, 'filter.in.0'],
      ['an order without one', { field: 'data.n', gt: true }, 'filter.gt'],
      ['too many values', { field: 'data.n', in: Array(101).fill(1) }, 'filter.in'],
      ['a bad id', { field: 'creatorId', eq: 'me' }, 'filter.eq'],
      ['a bad id in a list', { field: 'userIds', out: [newId(), 7] }, 'filter.out.1'],
      ['ids in order', { field: 'id', gt: newId() }, 'filter.gt'],
      ['an id that is no text', { field: 'id', eq: { toString: null } }, 'filter.eq'],
      ['part of an id', { field: 'id', like: 'a' }, 'filter.like'],
      ['a bad moment', { field: 'createdAt', gt: 'now' }, 'filter.gt'],
      ['elements of a root field', { field: 'userIds', contains: {} }, 'filter.contains'],
      ['NUL in a value', { field: 'data.s', eq: 'a\0' }, 'filter.eq'],
      ['NUL in text', { field: 'data.s', like: '\0' }, 'filter.like'],
      ['NUL in a field', { field: 'data.\0', eq: 1 }, 'filter.field'],
      ['half a surrogate pair', { field: 'status', eq: '\ud800' }, 'filter.eq'],
      ['a field that is too long', { field: `data.${'a'.repeat(500)}`, eq: 1 }, 'filter.field'],
      ['what is not queryable', { field: 'data.secret.a', eq: 1 }, 'filter.field'],
      ['a filter that is too deep', deep(10), `filter${'.not'.repeat(10)}`],
      ['too many conditions', { and: Array(100).fill({}) }, 'filter.and.99'],
    ];
    test.each(cases)('%s', async (_what, filter, field) => {
      const query = `query ($filter: DocumentFilter) { documents(schemaName: "${schemaName}", filter: $filter) { nodes { id } } }`;
      const refusal = await service.refusal(viewer, query, { filter });
      expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    });
  });

  test('values of many kinds cannot leave their place in the statement', async () => {
    const nasty = ["'", "';--", '"', '$1', "' OR TRUE --", '{}', 'E\\', "\\'"];
    for (const text of nasty) {
      const results = await found(
        { field: 'data.s', eq: text },
        { field: `data.device.${text}`, eq: text },
        { field: 'status', like: text },
        { field: 'data.meals', contains: { field: text, eq: 1 } },
      );
      expect(results).toEqual([[], [], [], []]);
    }
  });

  test('root fields are compared as what they are', async () => {
    const [creator, other] = [person(), person()];
    const groupId = newId();
    const { db } = service.database.forService<'document'>('data');
    await db.document.deleteMany({});
    const early = await service.document(creator, schemaName);
    const late = await service.document(other, schemaName);
    await db.document.update({
      where: { id: early },
      data: { createdAt: new Date('2020-05-01T00:00:00Z'), groupIds: [groupId], userIds: [other.userId] },
    });
    expect(
      await found(
        { field: 'id', eq: early.toUpperCase() },
        { field: 'creatorId', in: [other.userId] },
        { field: 'groupIds', eq: groupId },
        { field: 'groupIds', ne: groupId },
        { field: 'userIds', out: [other.userId, newId()] },
        { field: 'createdAt', lt: '2020-05-01T02:00:00+02:00' },
        { field: 'createdAt', le: '2020-05-01T02:00:00+02:00' },
        { field: 'createdAt', ge: '2020-05', lt: '2020-06' },
        { field: 'createdAt', in: ['2020-05-01'] },
        { field: 'id', eq: null },
        { field: 'id', ne: null },
      ),
    ).toEqual([[early], [late], [early], [late], [late], [], [early], [early], [early], [], [early, late].sort()]);
  });

  test('moments in the data are compared with any form of ISO 8601', async () => {
    const { db } = service.database.forService<'document'>('data');
    await db.document.deleteMany({});
    const id = await service.document(viewer, schemaName, { at: '2020' });
    const fitting = [
      { eq: '2020-01' },
      { in: ['2019', '2020-01-01T01:00+01:00'] },
      { le: '2020' },
      { ge: '2020-01-01' },
    ];
    const others = [{ ne: '2020' }, { lt: '2020' }, { gt: '2020-01-01T00:00Z' }, { eq: 'new year' }, { eq: 2020 }];
    const on = (operators: ModelFilter[]) => operators.map((operator) => ({ field: 'data.at', ...operator }));
    expect(await found(...on(fitting))).toEqual(fitting.map(() => [id]));
    expect(await found(...on(others))).toEqual(others.map(() => []));
  });
});
