// Changes of schemas piece by piece: what each refuses and where, and what it does.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';
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

const string = { type: 'string' };
const start = {
  properties: {
    note: string,
    old: string,
    device: { type: 'object', properties: { model: string }, required: ['model'] },
    meals: { type: 'array', items: { type: 'object', properties: { kcal: { type: 'number' } } } },
    tags: { type: 'array', items: string },
  },
  statuses: { new: {}, done: { color: 'green', size: 'big' }, spare: {} },
  creationTransition: { type: 'manual', toStatus: 'new', actions: [{ type: 'set', field: 'note', value: 'a' }] },
  transitions: [{ name: 'finish', type: 'manual', fromStatuses: ['new'], toStatus: 'done' }],
  indexes: [{ fields: [{ name: 'data.device.model', type: 'asc' }] }],
};
const transition = { name: 'again', type: 'manual', fromStatuses: ['done'], toStatus: 'new' };
const definitionOf = async (name: string) =>
  (await service.ask(schemaAdministrator, `{ documentSchema(name: "${name}") { definition } }`)).documentSchema
    .definition;

const refusals: [string, object, string, string, number][] = [
  ['createSchemaProperty', { path: 'note', configuration: string }, 'input.path', 'ALREADY_EXISTS', 17],
  ['createSchemaProperty', { path: 'device.model', configuration: string }, 'input.path', 'ALREADY_EXISTS', 17],
  ['createSchemaProperty', { path: 'note.a', configuration: string }, 'input.path', 'NOT_FOUND', 16],
  ['createSchemaProperty', { path: 'none.a', configuration: string }, 'input.path', 'NOT_FOUND', 16],
  ['createSchemaProperty', { path: 'a..b', configuration: string }, 'input.path', 'BAD_USER_INPUT', 26],
  ['createSchemaProperty', { path: '__proto__.a', configuration: string }, 'input.path', 'BAD_USER_INPUT', 26],
  ['createSchemaProperty', { path: 'meals.id', configuration: string }, 'input.configuration', 'BAD_USER_INPUT', 26],
  [
    'createSchemaProperty',
    { path: 'device.x', configuration: { type: 'number', minimun: 1 } },
    'input.configuration.minimun',
    'BAD_USER_INPUT',
    26,
  ],
  ['createSchemaProperty', { path: 'x', configuration: 7 }, 'input.configuration', 'BAD_USER_INPUT', 26],
  ['updateSchemaProperty', { path: 'x', configuration: string }, 'input.path', 'NOT_FOUND', 16],
  [
    'updateSchemaProperty',
    { path: 'meals.kcal', configuration: { type: 'text' } },
    'input.configuration.type',
    'BAD_USER_INPUT',
    26,
  ],
  // An action sets text there, and an index needs one value there.
  [
    'updateSchemaProperty',
    { path: 'note', configuration: { type: 'number' } },
    'input.configuration',
    'BAD_USER_INPUT',
    26,
  ],
  [
    'updateSchemaProperty',
    { path: 'device', configuration: { type: 'object' } },
    'input.configuration',
    'BAD_USER_INPUT',
    26,
  ],
  ['deleteSchemaProperty', { path: 'x' }, 'input.path', 'NOT_FOUND', 16],
  ['deleteSchemaProperty', { path: 'meals.items' }, 'input.path', 'NOT_FOUND', 16],
  ['deleteSchemaProperty', { path: 'note' }, 'input.path', 'BAD_USER_INPUT', 26],
  ['deleteSchemaProperty', { path: 'device.model' }, 'input.path', 'BAD_USER_INPUT', 26],
  ['createSchemaStatus', { name: 'done' }, 'input.name', 'ALREADY_EXISTS', 17],
  ['createSchemaStatus', { name: '1st' }, 'input.name', 'BAD_USER_INPUT', 26],
  ['createSchemaStatus', { name: 'constructor' }, 'input.name', 'BAD_USER_INPUT', 26],
  ['createSchemaStatus', { name: 'x', data: { a: 1 } }, 'input.data.a', 'BAD_USER_INPUT', 26],
  ['createSchemaStatus', { name: 'x', data: { '1': 'a' } }, 'input.data.1', 'BAD_USER_INPUT', 26],
  ['updateSchemaStatus', { name: 'x', data: {} }, 'input.name', 'NOT_FOUND', 16],
  ['updateSchemaStatus', { name: 'toString', data: {} }, 'input.name', 'NOT_FOUND', 16],
  ['updateSchemaStatus', { name: 'done', data: { a: 1 } }, 'input.data.a', 'BAD_USER_INPUT', 26],
  ['updateSchemaStatus', { name: 'done', data: [] }, 'input.data', 'BAD_USER_INPUT', 26],
  ['deleteSchemaStatus', { name: 'x' }, 'input.name', 'NOT_FOUND', 16],
  ['deleteSchemaStatus', { name: 'new' }, 'input.name', 'STATUS_IN_USE', 414],
  ['deleteSchemaStatus', { name: 'done' }, 'input.name', 'STATUS_IN_USE', 414],
  [
    'updateCreationTransition',
    { creationTransition: { type: 'manual', toStatus: 'x' } },
    'input.creationTransition.toStatus',
    'BAD_USER_INPUT',
    26,
  ],
  [
    'createSchemaTransition',
    { transition: { ...transition, name: '' } },
    'input.transition.name',
    'BAD_USER_INPUT',
    26,
  ],
  ['createSchemaTransition', { transition: 'x' }, 'input.transition', 'BAD_USER_INPUT', 26],
  [
    'createSchemaTransition',
    { transition: { ...transition, fromStatuses: ['x'] } },
    'input.transition.fromStatuses.0',
    'BAD_USER_INPUT',
    26,
  ],
  ['updateSchemaTransition', { transitionId: newId(), transition }, 'input.transitionId', 'NOT_FOUND', 16],
  ['updateSchemaTransition', { transitionId: 'x', transition }, 'input.transitionId', 'BAD_USER_INPUT', 12],
  ['deleteSchemaTransition', { transitionId: newId() }, 'input.transitionId', 'NOT_FOUND', 16],
  ['createSchemaIndex', { index: start.indexes[0] }, 'input.index.fields', 'ALREADY_EXISTS', 17],
  ['createSchemaIndex', { index: { fields: [] } }, 'input.index.fields', 'BAD_USER_INPUT', 26],
  [
    'createSchemaIndex',
    { index: { fields: [{ name: 'data.tags', type: 'asc' }], options: { unique: true } } },
    'input.index.options.unique',
    'BAD_USER_INPUT',
    26,
  ],
  ['createSchemaIndex', { index: 7 }, 'input.index', 'BAD_USER_INPUT', 26],
  ['deleteSchemaIndex', { indexId: newId() }, 'input.indexId', 'NOT_FOUND', 16],
  ['deleteSchemaIndex', { indexId: 'x' }, 'input.indexId', 'BAD_USER_INPUT', 12],
  ['deleteSchemaIndex', { indexId: 'system-id' }, 'input.indexId', 'ILLEGAL_STATE', 27],
];

describe('a part is refused, naming the path in the input, and nothing changes', () => {
  test.each(refusals)('%s %j', async (mutation, input, field, code, number) => {
    const schemaName = await service.schema(start);
    const before = await definitionOf(schemaName);
    expect(await admin.refusal(mutation, { schemaName, ...input })).toMatchObject({
      code,
      message: expect.stringContaining(`${field}: `),
      details: { field, code: number },
    });
    expect(await definitionOf(schemaName)).toEqual(before);
  });

  test.each(Object.entries(Object.fromEntries(refusals.map(([mutation, input]) => [mutation, input]))))(
    '%s without the permission, or in a schema that there is not',
    async (mutation, input) => {
      const schemaName = await service.schema(start);
      const others = schemaAdministrator.permissions?.filter((permission) => permission !== 'UPDATE_SCHEMAS') ?? [];
      const variables = { input: { schemaName, ...input } };
      expect(await service.refusal(person({ permissions: others }), schemaMutation(mutation), variables)).toMatchObject(
        {
          code: 'FORBIDDEN',
          details: { permission: 'UPDATE_SCHEMAS' },
        },
      );
      const ids = Object.fromEntries(
        ['transitionId', 'indexId'].filter((key) => key in input).map((key) => [key, newId()]),
      );
      const fine = { ...input, ...ids, ...('data' in input ? { data: {} } : {}) };
      expect(await admin.refusal(mutation, { ...fine, schemaName: 'none' })).toMatchObject({
        code: 'NOT_FOUND',
        details: { field: 'input.schemaName', code: 16 },
      });
    },
  );
});

test('properties come, change and go by their paths, also in the objects of lists', async () => {
  const schemaName = await service.schema(start);
  const at = { schemaName, path: 'meals.name' };
  const { schema, changes } = await admin.change('createSchemaProperty', { ...at, configuration: string });
  expect(schema.definition.properties.meals.items.properties).toEqual({ kcal: { type: 'number' }, name: string });
  expect(changes).toEqual([{ path: 'definition.properties.meals', kind: 'CHANGED' }]);
  const configuration = { type: 'boolean' };
  const updated = await admin.change('updateSchemaProperty', { ...at, configuration });
  expect(updated.schema.definition.properties.meals.items.properties.name).toEqual(configuration);
  expect((await admin.change('deleteSchemaProperty', { schemaName, path: 'old' })).changes).toEqual([
    { path: 'definition.properties.old', kind: 'REMOVED' },
  ]);
  await admin.change('createSchemaProperty', { schemaName, path: 'box', configuration: { type: 'object' } });
  await admin.change('createSchemaProperty', { schemaName, path: 'box.a', configuration: string });
  const required = { type: 'object', properties: { a: string, b: string }, required: ['a', 'b'] };
  await admin.change('updateSchemaProperty', { schemaName, path: 'box', configuration: required });
  const without = await admin.change('deleteSchemaProperty', { schemaName, path: 'box.a' });
  expect(without.schema.definition.properties.box).toEqual({
    type: 'object',
    properties: { b: string },
    required: ['b'],
  });
});

test('statuses come, change and go; null removes a key', async () => {
  const schemaName = await service.schema(start);
  await admin.change('createSchemaStatus', { schemaName, name: 'late' });
  await admin.change('createSchemaStatus', { schemaName, name: 'lost', data: { a: 'b' } });
  await admin.change('updateSchemaStatus', { schemaName, name: 'done', data: { color: null, weight: 'heavy' } });
  const { schema, changes } = await admin.change('deleteSchemaStatus', { schemaName, name: 'spare' });
  const statuses = { new: {}, done: { size: 'big', weight: 'heavy' }, late: {}, lost: { a: 'b' } };
  expect(schema.definition.statuses).toEqual(statuses);
  expect(changes).toEqual([{ path: 'definition.statuses.spare', kind: 'REMOVED' }]);
});

test('transitions come behind the others, change at their place, and go', async () => {
  const schemaName = await service.schema(start);
  const creationTransition = { type: 'manual', toStatus: 'done' };
  await admin.change('updateCreationTransition', { schemaName, creationTransition });
  const added = await admin.change('createSchemaTransition', {
    schemaName,
    transition: { ...transition, id: newId() },
  });
  const [finish, again] = added.schema.definition.transitions;
  expect(added.changes).toEqual([{ path: 'definition.transitions.again', kind: 'ADDED' }]);
  const changed = { ...transition, name: 'end', type: 'automatic' };
  const updated = await admin.change('updateSchemaTransition', {
    schemaName,
    transitionId: finish.id.toUpperCase(),
    transition: changed,
  });
  expect(updated.schema.definition.transitions).toEqual([{ ...changed, id: finish.id }, again]);
  const { schema } = await admin.change('deleteSchemaTransition', { schemaName, transitionId: finish.id });
  expect(schema.definition).toMatchObject({ creationTransition, transitions: [again] });
});

test('indexes come and go; those of another schema do not', async () => {
  const [schemaName, other] = [await service.schema(start), await service.schema(start)];
  const index = { fields: [{ name: 'status', type: 'desc' }], options: { sparse: true } };
  const added = await admin.change('createSchemaIndex', { schemaName, index });
  expect(added.schema.definition.indexes).toEqual([...start.indexes, index]);
  expect(added.changes).toEqual([{ path: 'definition.indexes.status desc', kind: 'ADDED' }]);
  const { documentSchema } = await service.ask(
    person(),
    `{ documentSchema(name: "${schemaName}") { indexes { id system sparse } } }`,
  );
  const [, mine] = documentSchema.indexes.filter(({ system }: { system: boolean }) => !system);
  expect(await admin.refusal('deleteSchemaIndex', { schemaName: other, indexId: mine.id })).toMatchObject({
    code: 'NOT_FOUND',
  });
  const { schema } = await admin.change('deleteSchemaIndex', { schemaName, indexId: mine.id });
  expect(schema.definition.indexes).toEqual(start.indexes);
  expect(await admin.refusal('deleteSchemaIndex', { schemaName, indexId: mine.id })).toMatchObject({
    code: 'NOT_FOUND',
  });
});
