// Lists asked for in RQL, parts of documents' data, and that the data is read only for those who look at it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';
import { recordStatements } from '../../../tests/support/recorded-statements.ts';

let service: DataService;
let name: string;
let ids: string[];
const viewer = person({ permissions: ['VIEW_DOCUMENTS'] });
const properties = {
  n: { type: 'number' },
  device: { type: 'object', properties: { model: { type: 'string' }, maker: { type: 'string' } } },
  meals: {
    type: 'array',
    items: { type: 'object', properties: { kcal: { type: 'number' }, name: { type: 'string' } } },
  },
};

const query = `query ($name: String!, $rql: String, $filter: DocumentFilter, $orderBy: [DocumentOrder!], $first: Int, $last: Int, $after: String) {
  documents(schemaName: $name, rql: $rql, filter: $filter, orderBy: $orderBy, first: $first, last: $last, after: $after) {
    nodes { id data } totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;
const list = async (args: object) => (await service.ask(viewer, query, { name, ...args })).documents;
const numbers = async (args: object) => (await list(args)).nodes.map(({ data }: { data: { n?: number } }) => data.n);

beforeAll(async () => {
  service = await startDataService();
  name = await service.schema({ properties, maximumLimit: 50 });
  ids = [];
  for (let n = 0; n < 7; n += 1) {
    const data = { n, device: { model: `m${n}`, maker: 'x' }, meals: [{ kcal: n, name: 'a' }, { name: 'b' }] };
    ids.push(await service.document(viewer, name, data));
  }
});
afterAll(() => service.close());

describe('RQL and other arguments', () => {
  test.each([
    ['sort in both', { rql: 'sort(data.n)', orderBy: [{ field: 'data.n' }] }],
    ['limit and first', { rql: 'limit(1)', first: 1 }],
    ['limit and last', { rql: 'limit(1)', last: 1 }],
  ])('%s is refused', async (_what, args) => {
    expect(await service.refusal(viewer, query, { name, ...args })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'rql', code: 19 },
    });
  });

  test('too many fields to sort by are refused', async () => {
    const refusal = await service.refusal(viewer, query, { name, orderBy: Array(6).fill({ field: 'data.n' }) });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'orderBy' } });
  });

  const never = '0000-01-01T00:00:00.000Z';

  test.each([
    ['after infinity', 'data.n', '[1e400]'],
    ['after the year 0', 'createdAt', JSON.stringify([never])],
    ['after a day that there is not', 'createdAt', '["2021-02-31T00:00:00.000Z"]'],
    ['after text that is never stored', 'status', JSON.stringify(['a\0'])],
  ])('a cursor %s is refused', async (_what, field, key) => {
    const after = Buffer.from(`["${field} ASC",${key},"${newId()}"]`).toString('base64url');
    const refusal = await service.refusal(viewer, query, { name, orderBy: [{ field }], after });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'after' } });
  });

  test.each([
    [{ filter: { field: 'createdAt', gt: '0000' } }, 'filter.gt'],
    [{ filter: { field: 'createdAt', eq: never } }, 'filter.eq'],
    [{ rql: 'gt(createdAt,date:0000-01-01)' }, 'rql'],
  ])('the year 0 is refused: %j', async (args, field) => {
    const refusal = await service.refusal(viewer, query, { name, ...args });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  test('both must hold', async () => {
    expect(await numbers({ rql: 'ge(data.n,2)&sort(data.n)', filter: { field: 'data.n', lt: 4 } })).toEqual([2, 3]);
  });

  test('a page by its place, and on from there', async () => {
    const rql = 'sort(-data.n)&limit(2,3)';
    const page = await list({ rql });
    expect(page.nodes.map(({ data }: { data: { n: number } }) => data.n)).toEqual([3, 2]);
    expect(page).toMatchObject({ totalCount: 7, pageInfo: { hasNextPage: true, hasPreviousPage: true } });
    expect(await numbers({ rql: 'sort(-data.n)', first: 2, after: page.pageInfo.endCursor })).toEqual([1, 0]);
    expect((await list({ rql: 'limit(2,9)' })).nodes).toEqual([]);
    expect(await list({ rql: 'limit(0)' })).toMatchObject({ nodes: [], totalCount: 7 });
    expect(await numbers({ rql: 'limit(999)&sort(data.n)' })).toHaveLength(7);
  });

  test('select restricts the data', async () => {
    const [first] = (await list({ rql: 'select(id,data.n,data.device.model,data.meals.name)&eq(data.n,1)' })).nodes;
    expect(first.data).toEqual({ n: 1, device: { model: 'm1' }, meals: [{ name: 'a' }, { name: 'b' }] });
    const [none] = (await list({ rql: 'select(id)&eq(data.n,1)' })).nodes;
    expect(none.data).toEqual({});
  });
});

describe('parts of the data', () => {
  const one = (fields: string) => service.ask(viewer, `{ document(id: "${ids[2]}") { data${fields} } }`);

  test('too many, or too long ones, are refused', async () => {
    const refused = (fields: string[]) =>
      service.refusal(viewer, 'query ($id: ID!, $fields: [String!]) { document(id: $id) { data(fields: $fields) } }', {
        id: ids[2],
        fields,
      });
    expect(await refused(Array(101).fill('n'))).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'fields' } });
    expect(await refused(['n', 'x'.repeat(501)])).toMatchObject({ details: { field: 'fields.1' } });
  });

  test('only what is asked for is shown, where it stands', async () => {
    expect((await one('(fields: ["n", "device.maker", "meals.kcal", "nope", "n.x"])')).document.data).toEqual({
      n: 2,
      device: { maker: 'x' },
      meals: [{ kcal: 2 }, {}],
    });
    expect((await one('(fields: [])')).document.data).toEqual({});
    expect(Object.keys((await one('')).document.data)).toEqual(['n', 'meals', 'device']);
  });

  test('what the schema does not declare is not shown', async () => {
    const { db } = service.database.forService<'document'>('data');
    await db.document.update({ where: { id: ids[6] as string }, data: { data: { n: 6, old: 1, device: { old: 1 } } } });
    expect((await service.ask(viewer, `{ document(id: "${ids[6]}") { data } }`)).document.data).toEqual({
      n: 6,
      device: {},
    });
  });
});

describe('the data is read only for those who look at it', () => {
  const readsOf = async (text: string, variables: object = {}) => {
    const statements = await recordStatements(() => service.ask(viewer, text, { name, ...variables }));
    return statements
      .filter((statement) => statement.includes('data.documents'))
      .map((text) => text.includes('d.data AS'));
  };
  const documentOf = (fields: string) => `{ document(id: "${ids[0]}") { ${fields} } }`;
  const listOf = (fields: string) => `query ($name: String!) { documents(schemaName: $name) { ${fields} } }`;
  const under = `query ($name: String!, $representations: [_Any!]!) { _entities(representations: $representations) {
    ... on User { documents(schemaName: $name) { nodes { id status } } } } }`;
  const reference = (fields: string) =>
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Document { ${fields} } } }`;

  test('not for other fields', async () => {
    expect(await readsOf(documentOf('id status creator { id } schema { name }'))).toEqual([false]);
    expect(await readsOf(listOf('nodes { id status updatedAt }'))).toEqual([false]);
    expect(await readsOf(listOf('edges { cursor }'))).toEqual([false]);
    const representations = [{ __typename: 'User', id: viewer.userId }];
    expect(await readsOf(under, { representations })).toEqual([false]);
    const [id] = ids;
    expect(await readsOf(reference('status'), { representations: [{ __typename: 'Document', id }] })).toEqual([false]);
  });

  test('for the data, wherever it is asked for', async () => {
    expect(await readsOf(documentOf('id data'))).toEqual([true]);
    expect(
      await readsOf(documentOf('...d } } fragment d on Document { ... on Document { data(fields: ["n"])')),
    ).toEqual([true]);
    expect(await readsOf(listOf('edges { node { data } }'))).toEqual([true]);
    const representations = [{ __typename: 'Document', id: newId() }];
    expect(await readsOf(reference('data'), { representations })).toEqual([true]);
  });
});
