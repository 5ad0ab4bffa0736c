// Schemas: who creates them, how they are found and listed.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import {
  createSchemaMutation,
  type DataService,
  person,
  startDataService,
} from '../../../tests/support/data-service.ts';

let service: DataService;
const author = person({ permissions: ['CREATE_SCHEMAS'] });

beforeAll(async () => {
  service = await startDataService();
});
afterAll(() => service.close());

const listQuery = `query ($filter: DocumentSchemaFilter, $orderBy: DocumentSchemaOrder, $first: Int, $after: String) {
  documentSchemas(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount nodes { name } pageInfo { hasNextPage endCursor }
  }
}`;

const references = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on DocumentSchema { id name } }
}`;

const count = () => service.graph.database.forService<'documentSchema'>('data').db.documentSchema.count();

describe('creating is refused', () => {
  test.each([
    ['anonymous callers', {}, 'UNAUTHENTICATED'],
    ['anybody without the permission', person(), 'FORBIDDEN'],
    [
      'staff who hold it in a group',
      person({ staff: [{ groupId: newId(), permissions: ['CREATE_SCHEMAS'] }] }),
      'FORBIDDEN',
    ],
  ])('to %s', async (_who, who, code) => {
    const before = await count();
    expect(await service.refusal(who, createSchemaMutation, { input: { name: 'pulse' } })).toMatchObject({ code });
    expect(await count()).toBe(before);
  });

  test.each([
    ['a short name', { name: 'ab' }, 'input.name'],
    ['a long name', { name: 'a'.repeat(51) }, 'input.name'],
    ['a name with a colon', { name: 'a:b:c' }, 'input.name'],
    ['a name with a space', { name: 'a b c' }, 'input.name'],
    ['a name like an id', { name: newId() }, 'input.name'],
    ['a long description', { name: 'pulse', description: 'x'.repeat(101) }, 'input.description'],
    ['NUL in the description', { name: 'pulse', description: '\0' }, 'input.description'],
    [
      'a bad definition',
      { name: 'pulse', definition: { properties: { a: { type: 'number', minimun: 1 } } } },
      'input.definition.properties.a.minimun',
    ],
  ])('with %s', async (_what, input, field) => {
    const before = await count();
    const refusal = await service.refusal(author, createSchemaMutation, { input });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    expect(refusal.message).toContain(`${field}: `);
    expect(await count()).toBe(before);
  });

  test('with a name that another schema has, also when both come at once', async () => {
    const input = { name: `twice-${newId().slice(-6)}` };
    const attempts = await Promise.all(
      [1, 2].map(() =>
        service.graph.execute('data', { query: createSchemaMutation, variables: { input }, identity: author }),
      ),
    );
    const refusals = attempts.flatMap(({ errors }) => errors ?? []);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.extensions).toMatchObject({ code: 'ALREADY_EXISTS', details: { field: 'input.name' } });
  });
});

test('a new schema is found by name and by reference, by any signed-in user, and told of', async () => {
  const { position = 0n } = (await service.graph.readLog()).at(-1) ?? {};
  const name = `pulse-${newId().slice(-6)}`;
  const definition = {
    properties: { bpm: { type: 'number' } },
    statuses: { raw: {}, done: {} },
    readMode: ['creator'],
  };
  const { schema } = (
    await service.ask(author, createSchemaMutation, { input: { name, description: 'Ü', definition } })
  ).createDocumentSchema;
  expect(schema).toMatchObject({
    name,
    description: 'Ü',
    definition: { ...definition, creationTransition: { toStatus: 'raw' } },
  });
  expect(
    (
      await service.ask(
        person(),
        `{ documentSchema(name: "${name}") { id name description definition createdAt updatedAt } }`,
      )
    ).documentSchema,
  ).toEqual(schema);
  const representations = [
    { id: schema.id },
    { name },
    { id: newId() },
    { id: 'x' },
    { name: 'none' },
    { name: '\0' },
  ].map((key) => ({ __typename: 'DocumentSchema', ...key }));
  const found = { id: schema.id, name };
  expect((await service.ask(person(), references, { representations }))._entities).toEqual([
    found,
    found,
    null,
    null,
    null,
    null,
  ]);
  expect(await service.graph.readLog(position)).toMatchObject([
    { type: 'schema_created', content: { schemaId: schema.id, name } },
  ]);
});

test('anonymous callers see none, and what there is not is null', async () => {
  const name = await service.schema();
  expect(await service.refusal({}, `{ documentSchema(name: "${name}") { id } }`)).toMatchObject({
    code: 'UNAUTHENTICATED',
  });
  expect(await service.refusal({}, listQuery)).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(
    (await service.ask({}, references, { representations: [{ __typename: 'DocumentSchema', name }] }))._entities,
  ).toEqual([null]);
  expect(await service.ask(person(), '{ documentSchema(name: "none") { id } }')).toEqual({ documentSchema: null });
});

test('schemas are listed by name or by creation, filtered and paged', async () => {
  const mark = newId().slice(-6);
  const names = ['b', 'C', 'a'].map((letter) => `${letter}-${mark}`);
  for (const name of names) await service.ask(author, createSchemaMutation, { input: { name } });
  const filter = { name: { like: mark.toUpperCase() } };
  const listed = async (variables: object) =>
    (await service.ask(person(), listQuery, { filter, ...variables })).documentSchemas;
  const newestFirst = await listed({});
  expect(newestFirst).toMatchObject({ totalCount: 3, nodes: [...names].reverse().map((name) => ({ name })) });
  const first = await listed({ orderBy: { field: 'NAME' }, first: 2 });
  const rest = await listed({ orderBy: { field: 'NAME' }, first: 2, after: first.pageInfo.endCursor });
  expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
  expect([...first.nodes, ...rest.nodes].map(({ name }) => name).sort()).toEqual([...names].sort());
  expect(await service.refusal(person(), listQuery, { after: first.pageInfo.endCursor })).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { field: 'after' },
  });
});
