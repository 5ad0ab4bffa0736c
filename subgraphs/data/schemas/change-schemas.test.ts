// Changes of schemas as a whole: who makes them, what is refused, what is told of them, and changes at the same time.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityData } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, onEachDatabase, person, startDataService } from '../../../tests/support/data-service.ts';
import {
  administrationOf,
  type SchemaAdministration,
  schemaAdministrator,
} from '../../../tests/support/schema-administration.ts';
import { schemaMutation } from '../../../tests/support/schema-operations.ts';

let service: DataService;
let admin: SchemaAdministration;

beforeAll(async () => {
  service = await startDataService();
  admin = administrationOf(service);
});
afterAll(() => service.close());

const deleteMutation = `mutation ($input: DeleteDocumentSchemaInput!) { deleteDocumentSchema(input: $input) { deletedId } }`;
const events = async (after: bigint) =>
  (await service.graph.readLog(after)).map(({ type, content }) => ({ type, content }));
const lastPosition = async () => (await service.graph.readLog()).at(-1)?.position ?? 0n;
const seen = async (viewer: IdentityData, name: string) => {
  const representations = [{ __typename: 'DocumentSchema', name }];
  const { documentSchema, documentSchemas, _entities } = await service.ask(
    viewer,
    `query ($name: String!, $representations: [_Any!]!) {
      documentSchema(name: $name) { name }
      documentSchemas(filter: { name: { eq: $name } }) { totalCount nodes { name } }
      _entities(representations: $representations) { ... on DocumentSchema { name } }
    }`,
    { name, representations },
  );
  return [documentSchema !== null, documentSchemas.nodes.length, documentSchemas.totalCount, _entities[0] !== null];
};

describe('without the permission nothing changes', () => {
  const mutations: [string, string, object][] = [
    ['updateDocumentSchema', 'UPDATE_SCHEMAS', { description: 'x' }],
    ['disableDocumentSchema', 'DISABLE_SCHEMAS', {}],
    ['enableDocumentSchema', 'DISABLE_SCHEMAS', {}],
    ['deleteDocumentSchema', 'DELETE_SCHEMAS', {}],
  ];
  test.each(mutations)('%s needs %s', async (mutation, permission, input) => {
    const name = await service.schema();
    const text = mutation === 'deleteDocumentSchema' ? deleteMutation : schemaMutation(mutation);
    const others = schemaAdministrator.permissions?.filter((other) => other !== permission) ?? [];
    const variables = { input: { name, ...input } };
    expect(await service.refusal({}, text, variables)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await service.refusal(person({ permissions: others }), text, variables)).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission },
    });
    expect(await service.refusal(schemaAdministrator, text, { input: { name: 'none', ...input } })).toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'input.name', code: 16 },
    });
    expect(await service.ask(person(), `{ documentSchema(name: "${name}") { disabled description } }`)).toEqual({
      documentSchema: { disabled: false, description: '' },
    });
  });
});

describe('an update is refused', () => {
  test.each([
    ['with a short name', { newName: 'ab' }, 'input.newName'],
    ['with a name like an id', { newName: newId() }, 'input.newName'],
    ['with a reserved name', { newName: 'health' }, 'input.newName'],
    ['with a long description', { description: 'x'.repeat(101) }, 'input.description'],
    ['with a bad definition', { definition: { properties: { a: {} } } }, 'input.definition.properties.a.type'],
  ])('%s', async (_what, input, field) => {
    const name = await service.schema();
    const position = await lastPosition();
    const refusal = await admin.refusal('updateDocumentSchema', { name, description: 'new', ...input });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    expect((await service.ask(person(), `{ documentSchema(name: "${name}") { description } }`)).documentSchema).toEqual(
      {
        description: '',
      },
    );
    expect(await events(position)).toEqual([]);
  });

  test('with a name that another schema has, and the rest of it is not done either', async () => {
    const [name, newName] = [await service.schema(), await service.schema()];
    const refusal = await admin.refusal('updateDocumentSchema', { name, newName, description: 'new' });
    expect(refusal).toMatchObject({ code: 'ALREADY_EXISTS', details: { field: 'input.newName', code: 17 } });
    const { documentSchema } = await service.ask(person(), `{ documentSchema(name: "${name}") { description } }`);
    expect(documentSchema).toEqual({ description: '' });
  });
});

test('an update changes the whole, says what changed, and is told of', async () => {
  const name = await service.schema({
    properties: { a: { type: 'number' }, b: { type: 'string' } },
    statuses: { open: {}, shut: {} },
    transitions: [
      { name: 'close', type: 'manual', fromStatuses: ['open'], toStatus: 'shut' },
      { name: 'reopen', type: 'manual', fromStatuses: ['shut'], toStatus: 'open' },
    ],
    indexes: [{ fields: [{ name: 'data.a', type: 'asc' }] }],
  });
  const { definition } = (await service.ask(person(), `{ documentSchema(name: "${name}") { definition } }`))
    .documentSchema;
  const position = await lastPosition();
  const unchanged = await admin.change('updateDocumentSchema', { name, definition });
  expect([unchanged.changes, unchanged.schema.definition, await events(position)]).toEqual([[], definition, []]);

  const [close, reopen] = definition.transitions;
  const next = {
    ...definition,
    properties: { a: { type: 'number', minimum: 1 }, c: { type: 'string' } },
    statuses: { open: {}, shut: { color: 'grey' } },
    transitions: [{ ...reopen, name: 'unlock' }, close],
    indexes: [{ fields: [{ name: 'data.a', type: 'desc' }] }],
    readMode: 'default',
  };
  const newName = `${name}-2`;
  const { schema, changes } = await admin.change('updateDocumentSchema', { name, newName, definition: next });
  expect(schema).toMatchObject({ name: newName, definition: next });
  expect(changes.map(({ path, kind }) => `${kind} ${path}`).sort()).toEqual([
    'ADDED definition.indexes.data.a desc',
    'ADDED definition.properties.c',
    'CHANGED definition.properties.a',
    'CHANGED definition.readMode',
    'CHANGED definition.statuses.shut',
    'CHANGED definition.transitions',
    'CHANGED definition.transitions.unlock',
    'CHANGED name',
    'REMOVED definition.indexes.data.a',
    'REMOVED definition.properties.b',
  ]);
  expect(await events(position)).toEqual([{ type: 'schema_updated', content: { schemaId: schema.id, name: newName } }]);
  expect(await service.ask(person(), `{ documentSchema(name: "${name}") { id } }`)).toEqual({ documentSchema: null });
});

test('changes at the same moment are told apart by the time of the last one', async () => {
  const name = await service.schema();
  const { one, two } = await service.ask(
    schemaAdministrator,
    `mutation {
      one: updateDocumentSchema(input: { name: "${name}", description: "1" }) { schema { description updatedAt } }
      two: updateDocumentSchema(input: { name: "${name}", description: "2" }) { schema { description updatedAt } }
    }`,
  );
  expect([one.schema.description, two.schema.description]).toEqual(['1', '2']);
  expect(two.schema.updatedAt > one.schema.updatedAt).toBe(true);
});

test('a schema that is disabled is seen by who administers it, and by who sees a document of it', async () => {
  const name = await service.schema({ readMode: ['creator'] });
  const [creator, stranger, manager] = [person(), person(), person({ permissions: ['DISABLE_SCHEMAS'] })];
  await service.document(creator, name);
  const position = await lastPosition();
  const { schema, changes } = await admin.change('disableDocumentSchema', { name });
  expect([schema.disabled, changes]).toEqual([true, [{ path: 'disabled', kind: 'CHANGED' }]]);
  expect((await admin.change('disableDocumentSchema', { name })).changes).toEqual([]);
  expect(await seen(stranger, name)).toEqual([false, 0, 0, false]);
  expect(await seen(creator, name)).toEqual([true, 0, 0, true]);
  expect(await seen(manager, name)).toEqual([true, 1, 1, true]);
  const { documentSchemas } = await service.ask(
    manager,
    `{ documentSchemas(filter: { disabled: true, or: [{ name: { eq: "${name}" } }, { not: { createdAt: { gt: "2000-01-01T00:00:00Z" } } }] }) { nodes { name } } }`,
  );
  expect(documentSchemas.nodes).toEqual([{ name }]);
  await admin.change('enableDocumentSchema', { name });
  expect(await seen(stranger, name)).toEqual([true, 1, 1, true]);
  const content = { schemaId: schema.id, name };
  expect(await events(position)).toEqual([
    { type: 'schema_disabled', content },
    { type: 'schema_enabled', content },
  ]);
});

test('only a schema that is disabled can be deleted; then it is gone at once, and its name is free', async () => {
  const name = await service.schema({ readMode: 'allUsers' });
  const document = await service.document(person(), name);
  const { id } = (await service.ask(person(), `{ documentSchema(name: "${name}") { id } }`)).documentSchema;
  expect(await service.refusal(schemaAdministrator, deleteMutation, { input: { name } })).toMatchObject({
    code: 'ILLEGAL_STATE',
    details: { field: 'input.name', code: 27 },
  });
  await admin.change('disableDocumentSchema', { name });
  const position = await lastPosition();
  expect(await service.ask(schemaAdministrator, deleteMutation, { input: { name } })).toEqual({
    deleteDocumentSchema: { deletedId: id },
  });
  expect(await events(position)).toEqual([{ type: 'schema_deleted', content: { schemaId: id, name } }]);
  const manager = person({ permissions: ['DISABLE_SCHEMAS', 'VIEW_DOCUMENTS'] });
  expect(await seen(manager, name)).toEqual([false, 0, 0, false]);
  expect(await service.ask(manager, `{ document(id: "${document}") { id } }`)).toEqual({ document: null });
  expect(await seen(manager, `deleted:${id}`)).toEqual([false, 0, 0, false]);
  expect(await admin.refusal('enableDocumentSchema', { name })).toMatchObject({ code: 'NOT_FOUND' });
  await service.ask(
    schemaAdministrator,
    `mutation { createDocumentSchema(input: { name: "${name}" }) { schema { id } } }`,
  );
  await service.graph.runJobs();
  expect(
    await service.graph.database.connection.query('SELECT FROM data.documents WHERE schema_id = $1', [id]),
  ).toEqual([]);
  expect(await seen(person(), name)).toEqual([true, 1, 1, true]);
});

onEachDatabase((start) => {
  test('changes at the same time come one after the other: nothing is lost', async () => {
    const other = await start();
    const { change } = administrationOf(other);
    const name = await other.schema();
    const letters = [...'abcdefgh'];
    await Promise.all([
      ...letters.map((path) =>
        change('createSchemaProperty', { schemaName: name, path, configuration: { type: 'string' } }),
      ),
      ...letters.map((letter) => change('createSchemaStatus', { schemaName: name, name: letter })),
    ]);
    const { schema } = await change('updateDocumentSchema', { name });
    expect(Object.keys(schema.definition.properties).sort()).toEqual(letters);
    expect(Object.keys(schema.definition.statuses).sort()).toEqual([...letters, 'new']);
    const renamed = await Promise.allSettled(
      [1, 2].map(() => change('updateDocumentSchema', { name, newName: `${name}-2` })),
    );
    expect(renamed.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await other.close();
  }, 300_000);
});
