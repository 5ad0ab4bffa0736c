// Pages of documents: their order, their limits, and that walking through them meets each document once.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../../platform/ids.ts';
import { encodeCursor } from '../../../platform/paging/page.ts';
import { type DataService, onEachDatabase, person } from '../../../tests/support/data-service.ts';
import { order, read } from '../../../tests/support/filter-model.ts';

let service: DataService;
const viewer = person();
const properties = {
  n: { type: 'number' },
  s: { type: 'string' },
  b: { type: 'boolean' },
  deep: { type: 'object', properties: { x: { type: 'number' } } },
  secret: { type: 'number', queryable: false },
};

interface Row {
  readonly id: string;
  readonly status: string;
  readonly createdAt: Date;
  readonly data: object;
}

async function newSchema(limits: object = {}): Promise<{ name: string; id: string }> {
  const name = await service.schema({ readMode: 'allUsers', properties, ...limits });
  return { name, id: (await service.ask(viewer, `{ documentSchema(name: "${name}") { id } }`)).documentSchema.id };
}

async function insert(schemaId: string, rows: readonly Row[]): Promise<void> {
  const { db } = service.database.forService<'document'>('data');
  const rest = { schemaId, creatorId: viewer.userId, userIds: [], groupIds: [], statusChangedAt: new Date() };
  await db.document.createMany({ data: rows.map((row) => ({ ...row, ...rest })) });
}

const pageQuery = `query ($schemaName: String!, $filter: DocumentFilter, $orderBy: [DocumentOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  documents(schemaName: $schemaName, filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

const numbers = [0, 1, 1.5, -2, 1e21, 5e-324, -0.1];
const texts = ['', 'a', 'A', 'b', 'é', '😀', '\uffee', '10', '2'];
const odd = fc.oneof(
  fc.constantFrom<unknown>(...numbers),
  fc.constantFrom<unknown>(...texts),
  fc.constantFrom<unknown>(true, false, null, [], [1], {}, undefined, undefined),
);
const dataOf = fc.record({ n: odd, s: odd, b: odd, deep: fc.oneof(fc.record({ x: odd }), odd) }, { requiredKeys: [] });
const rowsOf = fc.array(
  fc.record({
    id: fc.integer().map(newId),
    status: fc.constantFrom('new', 'old', 'Old', 'é'),
    createdAt: fc.constantFrom(1, 2, 1_700_000_000_000).map((moment) => new Date(moment)),
    data: dataOf.map((data) => JSON.parse(JSON.stringify(data)) as object),
  }),
  { maxLength: 25 },
);
const keyOf = fc.record({
  field: fc.constantFrom(
    ...['data.n', 'data.s', 'data.b', 'data.deep.x', 'data.deep', 'data.nope', 'status', 'createdAt', 'id'],
  ),
  direction: fc.constantFrom('ASC', 'DESC'),
});
const orderOf = fc.array(keyOf, { minLength: 1, maxLength: 5 });

interface Key {
  readonly field: string;
  readonly direction: string;
}

const declared: Readonly<Record<string, string>> = {
  'data.n': 'number',
  'data.s': 'string',
  'data.b': 'boolean',
  'data.deep.x': 'number',
};

/** The list as it should be: by the first key, then by the next; what has no value of the declared type comes last. */
function sorted(rows: readonly Row[], keys: readonly Key[]): string[] {
  const valueIn = (row: Row, field: string): string | number | undefined => {
    if (field === 'id') return row.id;
    if (field === 'createdAt') return row.createdAt.getTime();
    if (field === 'status') return row.status;
    const value = read(row.data, field.split('.').slice(1));
    if (typeof value !== declared[field]) return undefined;
    return typeof value === 'boolean' ? Number(value) : (value as string | number);
  };
  const compare = (one: Row, other: Row): number => {
    for (const { field, direction } of keys) {
      const turned = direction === 'ASC' ? 1 : -1;
      const [a, b] = [valueIn(one, field), valueIn(other, field)];
      if ((a === undefined) !== (b === undefined)) return a === undefined ? 1 : -1;
      const byKey = a === undefined || b === undefined ? 0 : order(a, b);
      if (byKey !== 0) return byKey * turned;
    }
    return order(one.id, other.id) * (keys.at(-1)?.direction === 'ASC' ? 1 : -1);
  };
  return [...rows].sort(compare).map(({ id }) => id);
}

const isNumber = ({ data }: Row) => typeof read(data, ['n']) === 'number';
const isAbsent = ({ data }: Row) => read(data, ['n']) === undefined || read(data, ['n']) === null;

/** Filters that have to do with what lists are sorted by, and the rows that each lets through. */
const filtersOf: readonly [object, (row: Row) => boolean][] = [
  [{}, () => true],
  [{ field: 'data.n', eq: null }, isAbsent],
  [{ field: 'data.n', in: [null, 1] }, (row) => isAbsent(row) || read(row.data, ['n']) === 1],
  [{ field: 'data.n', ge: -10 }, isNumber],
  [{ field: 'data.n', in: [0, 1] }, (row) => isNumber(row) && [0, 1].includes(read(row.data, ['n']) as number)],
  [{ not: { field: 'data.n', ge: -10 } }, (row) => !isNumber(row)],
];

async function walk(
  schemaName: string,
  asked: { readonly orderBy: readonly Key[]; readonly filter: object },
  { size, backward }: { size: number; backward: boolean },
): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 100; page += 1) {
    const place = backward ? { last: size, before: cursor } : { first: size, after: cursor };
    const { documents } = await service.ask(viewer, pageQuery, { schemaName, ...asked, ...place });
    const found = documents.nodes.map(({ id }: { id: string }) => id);
    expect(documents.edges.map(({ node }: { node: { id: string } }) => node.id)).toEqual(found);
    ids[backward ? 'unshift' : 'push'](...found);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = documents.pageInfo;
    expect(backward ? hasNextPage : hasPreviousPage).toBe(cursor !== undefined);
    if (!(backward ? hasPreviousPage : hasNextPage)) return ids;
    expect(found).toHaveLength(size);
    cursor = backward ? startCursor : endCursor;
  }
  throw new Error('the walk does not end');
}

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service.close());

  test('walking all pages, from the front or from the back, gives the sorted list', async () => {
    const { db } = service.database.forService<'document'>('data');
    const schema = await newSchema();
    await fc.assert(
      fc.asyncProperty(
        rowsOf,
        orderOf,
        fc.constantFrom(...filtersOf),
        fc.integer({ min: 1, max: 9 }),
        async (rows, orderBy, [filter, fits], size) => {
          await db.document.deleteMany({});
          await insert(schema.id, rows);
          const expected = sorted(rows.filter(fits), orderBy);
          const asked = { orderBy, filter };
          expect(await walk(schema.name, asked, { size, backward: false })).toEqual(expected);
          expect(await walk(schema.name, asked, { size, backward: true })).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  }, 180_000);

  describe('arguments are refused, naming the one at fault', () => {
    const cases: [string, object, string][] = [
      ['an unknown field', { orderBy: [{ field: 'owner' }] }, 'orderBy.0.field'],
      ['ids of people', { orderBy: [{ field: 'creatorId' }] }, 'orderBy.0.field'],
      ['what objects in general have', { orderBy: [{ field: 'constructor' }] }, 'orderBy.0.field'],
      ['NUL in a field', { orderBy: [{ field: 'data.\0' }] }, 'orderBy.0.field'],
      ['a field that is not queryable', { orderBy: [{ field: 'data.secret' }] }, 'orderBy.0.field'],
      ['both ends at once', { first: 1, last: 1 }, 'last'],
      ['a negative number', { first: -1 }, 'first'],
      ['a cursor that is none', { after: 'x' }, 'after'],
      ['a cursor of another order', { after: encodeCursor('createdAt ASC', { key: '2020', id: newId() }) }, 'after'],
      ['a cursor without an id', { after: encodeCursor('id DESC', { key: null, id: "'" }) }, 'after'],
      ['a cursor with another key', { before: encodeCursor('id DESC', { key: 1, id: newId() }) }, 'before'],
      [
        'a cursor with a bad moment',
        { orderBy: [{ field: 'createdAt' }], after: encodeCursor('createdAt ASC', { key: 'now', id: newId() }) },
        'after',
      ],
      [
        'a cursor with an impossible moment',
        {
          orderBy: [{ field: 'createdAt' }],
          after: encodeCursor('createdAt ASC', { key: '2020-13-01T00:00:00.000Z', id: newId() }),
        },
        'after',
      ],
      [
        'a cursor with a status that is none',
        { orderBy: [{ field: 'status' }], after: encodeCursor('status ASC', { key: 1, id: newId() }) },
        'after',
      ],
      [
        'a cursor with NUL',
        { orderBy: [{ field: 'data.s' }], after: encodeCursor('data.s ASC', { key: ['\0'], id: newId() }) },
        'after',
      ],
    ];
    test.each(cases)('%s', async (_what, args, field) => {
      const { name } = await newSchema();
      const refusal = await service.refusal(viewer, pageQuery, { schemaName: name, ...args });
      expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    });

    test('an unknown schema', async () => {
      expect(await service.refusal(viewer, pageQuery, { schemaName: 'none' })).toMatchObject({
        code: 'NOT_FOUND',
        details: { field: 'schemaName' },
      });
      expect(await service.refusal(viewer, pageQuery, { schemaName: '\0' })).toMatchObject({ code: 'NOT_FOUND' });
    });

    test('anonymous callers', async () => {
      const { name } = await newSchema();
      expect(await service.refusal({}, pageQuery, { schemaName: name })).toMatchObject({ code: 'UNAUTHENTICATED' });
    });
  });

  test("limits are the schema's, and what is beyond is cut", async () => {
    const schema = await newSchema({ defaultLimit: 2, maximumLimit: 3 });
    const rows = Array.from({ length: 5 }, () => ({ id: newId(), status: 'new', createdAt: new Date(), data: {} }));
    await insert(schema.id, rows);
    const newestFirst = rows.map(({ id }) => id).reverse();
    const idsOf = async (args: object) =>
      (await service.ask(viewer, pageQuery, { schemaName: schema.name, ...args })).documents.nodes.map(
        ({ id }: { id: string }) => id,
      );
    expect(await idsOf({})).toEqual(newestFirst.slice(0, 2));
    expect(await idsOf({ first: 100 })).toEqual(newestFirst.slice(0, 3));
    expect(await idsOf({ last: 100 })).toEqual(newestFirst.slice(2));
    expect(await idsOf({ first: 0 })).toEqual([]);
  });
});
