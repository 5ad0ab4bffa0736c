// Administration of schemas, as whole and piece by piece: what each operation refuses, and what it does, to documents too.
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { type ApiDocuments, apiDocuments } from '../support/api-documents.ts';
import { apiPeople } from '../support/api-people.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts';
import { schemaMutation } from '../support/schema-operations.ts';

const unknown = '01890000-0000-7000-8000-000000000000';
const string = { type: 'string' };
const number = { type: 'number' };
const start = {
  properties: {
    note: string,
    old: string,
    device: { type: 'object', properties: { model: string }, required: ['model'] },
    meals: { type: 'array', items: { type: 'object', properties: { kcal: number } } },
    tags: { type: 'array', items: string },
    raw: { type: 'string', queryable: false },
  },
  statuses: { new: {}, done: { color: 'green', size: 'big' }, spare: {} },
  creationTransition: { type: 'manual', toStatus: 'new', actions: [{ type: 'set', field: 'note', value: 'a' }] },
  transitions: [{ name: 'finish', type: 'manual', fromStatuses: ['new'], toStatus: 'done' }],
  indexes: [{ fields: [{ name: 'data.device.model', type: 'asc' }] }],
  readMode: ['creator'],
  updateMode: ['creator'],
  deleteMode: ['creator'],
};
const transition = { name: 'again', type: 'manual', fromStatuses: ['done'], toStatus: 'new' };
const on = (name: string, options: object = {}) => ({ fields: [{ name, type: 'asc' }], options });

/** Each operation on a schema that there is: the permission that it needs, and what else it takes. */
const operations: [string, string, object][] = [
  ['updateDocumentSchema', 'UPDATE_SCHEMAS', { description: 'x' }],
  ['disableDocumentSchema', 'DISABLE_SCHEMAS', {}],
  ['enableDocumentSchema', 'DISABLE_SCHEMAS', {}],
  ['deleteDocumentSchema', 'DELETE_SCHEMAS', {}],
  ['createSchemaProperty', 'UPDATE_SCHEMAS', { path: 'x', configuration: string }],
  ['updateSchemaProperty', 'UPDATE_SCHEMAS', { path: 'old', configuration: number }],
  ['deleteSchemaProperty', 'UPDATE_SCHEMAS', { path: 'old' }],
  ['createSchemaStatus', 'UPDATE_SCHEMAS', { name: 'x' }],
  ['updateSchemaStatus', 'UPDATE_SCHEMAS', { name: 'done', data: {} }],
  ['deleteSchemaStatus', 'UPDATE_SCHEMAS', { name: 'spare' }],
  ['updateCreationTransition', 'UPDATE_SCHEMAS', { creationTransition: { type: 'manual', toStatus: 'done' } }],
  ['createSchemaTransition', 'UPDATE_SCHEMAS', { transition }],
  ['updateSchemaTransition', 'UPDATE_SCHEMAS', { transitionId: unknown, transition }],
  ['deleteSchemaTransition', 'UPDATE_SCHEMAS', { transitionId: unknown }],
  ['createSchemaIndex', 'UPDATE_SCHEMAS', { index: on('status') }],
  ['deleteSchemaIndex', 'UPDATE_SCHEMAS', { indexId: unknown }],
];
const isWhole = (mutation: string) => mutation.endsWith('DocumentSchema');

const codes: Readonly<Record<number, string>> = {
  12: 'BAD_USER_INPUT',
  16: 'NOT_FOUND',
  17: 'ALREADY_EXISTS',
  19: 'BAD_USER_INPUT',
  26: 'BAD_USER_INPUT',
  27: 'ILLEGAL_STATE',
  414: 'STATUS_IN_USE',
};

/** What is wrong with a part: where it says so, and with which number. */
const faultyParts: [string, object, string, number][] = [
  ['createSchemaProperty', { path: 'device.model', configuration: string }, 'input.path', 17],
  ['createSchemaProperty', { path: 'none.a', configuration: string }, 'input.path', 16],
  ['createSchemaProperty', { path: 'a..b', configuration: string }, 'input.path', 26],
  ['createSchemaProperty', { path: 'meals.id', configuration: string }, 'input.configuration', 26],
  [
    'createSchemaProperty',
    { path: 'device.x', configuration: { type: 'number', minimun: 1 } },
    'input.configuration.minimun',
    26,
  ],
  ['updateSchemaProperty', { path: 'x', configuration: string }, 'input.path', 16],
  ['updateSchemaProperty', { path: 'meals.kcal', configuration: { type: 'text' } }, 'input.configuration.type', 26],
  ['updateSchemaProperty', { path: 'note', configuration: number }, 'input.configuration', 26],
  ['deleteSchemaProperty', { path: 'x' }, 'input.path', 16],
  ['deleteSchemaProperty', { path: 'note' }, 'input.path', 26],
  ['createSchemaStatus', { name: 'done' }, 'input.name', 17],
  ['createSchemaStatus', { name: '1st' }, 'input.name', 26],
  ['createSchemaStatus', { name: 'x', data: { a: 1 } }, 'input.data.a', 26],
  ['updateSchemaStatus', { name: 'x', data: {} }, 'input.name', 16],
  ['updateSchemaStatus', { name: 'done', data: { a: 1 } }, 'input.data.a', 26],
  ['deleteSchemaStatus', { name: 'x' }, 'input.name', 16],
  ['deleteSchemaStatus', { name: 'new' }, 'input.name', 414],
  ['deleteSchemaStatus', { name: 'done' }, 'input.name', 414],
  [
    'updateCreationTransition',
    { creationTransition: { type: 'automatic', toStatus: 'new' } },
    'input.creationTransition.type',
    26,
  ],
  [
    'updateCreationTransition',
    { creationTransition: { type: 'manual', toStatus: 'x' } },
    'input.creationTransition.toStatus',
    26,
  ],
  [
    'createSchemaTransition',
    { transition: { ...transition, fromStatuses: ['x'] } },
    'input.transition.fromStatuses.0',
    26,
  ],
  [
    'createSchemaTransition',
    { transition: { ...transition, actions: [{ type: 'unset', fields: ['none'] }] } },
    'input.transition.actions.0.fields.0',
    26,
  ],
  ['updateSchemaTransition', { transitionId: unknown, transition }, 'input.transitionId', 16],
  ['updateSchemaTransition', { transitionId: 'x', transition }, 'input.transitionId', 12],
  ['deleteSchemaTransition', { transitionId: unknown }, 'input.transitionId', 16],
  ['createSchemaIndex', { index: start.indexes[0] }, 'input.index.fields', 17],
  ['createSchemaIndex', { index: on('data.none') }, 'input.index.fields.0.name', 26],
  ['createSchemaIndex', { index: on('data.raw') }, 'input.index.fields.0.name', 19],
  ['createSchemaIndex', { index: on('data.tags', { unique: true }) }, 'input.index.options.unique', 26],
  ['deleteSchemaIndex', { indexId: unknown }, 'input.indexId', 16],
  ['deleteSchemaIndex', { indexId: 'system-id' }, 'input.indexId', 27],
];

const faultyWholes: [string, object, string][] = [
  ['a short name', { name: 'ab' }, 'name'],
  ['a name with a colon', { name: 'a:b:c' }, 'name'],
  ['a name like an id', { name: newId() }, 'name'],
  ['a reserved name', { name: 'health' }, 'name'],
  ['a long description', { description: 'x'.repeat(101) }, 'description'],
  ['a definition that is none', { definition: 7 }, 'definition'],
  ['a key that is not known', { definition: { colour: 1 } }, 'definition.colour'],
  [
    'a keyword that is not known',
    { definition: { properties: { a: { type: 'number', minimun: 1 } } } },
    'definition.properties.a.minimun',
  ],
  [
    'an id declared in a list',
    { definition: { properties: { a: { type: 'array', items: { type: 'object', properties: { id: string } } } } } },
    'definition.properties.a.items.properties.id',
  ],
  [
    'a status that there is not',
    { definition: { creationTransition: { type: 'manual', toStatus: 'x' } } },
    'definition.creationTransition.toStatus',
  ],
  ['a mode that there is not', { definition: { readMode: ['anybody'] } }, 'definition.readMode'],
  ['a limit of nothing', { definition: { maximumLimit: 0 } }, 'definition.maximumLimit'],
];

describeClinic('document schemas', (world) => {
  let documents: ApiDocuments;
  /** Who may do everything with schemas but what the permission allows. */
  const lacking = new Map<string, GraphqlClient>();

  beforeAll(async () => {
    const { admin } = world.clinic;
    documents = apiDocuments(admin);
    const people = apiPeople(world.shape.url, admin);
    const permissions = ['CREATE_SCHEMAS', 'UPDATE_SCHEMAS', 'DELETE_SCHEMAS', 'DISABLE_SCHEMAS'];
    for (const permission of permissions) {
      const others = permissions.filter((other) => other !== permission);
      lacking.set(permission, (await people.newPerson(...others)).client);
    }
  }, 300_000);

  const without = (permission: string) => lacking.get(permission) as GraphqlClient;
  const ofSchema = (mutation: string, name: string, input: object) =>
    isWhole(mutation) ? { name, ...input } : { schemaName: name, ...input };
  /** Without the indexes, which get ready by themselves. */
  const readWritten = async (name: string) => ({ ...(await documents.readSchema(name)), indexes: undefined });
  const indexesOf = async (name: string): Promise<{ id: string; system: boolean; state: string }[]> =>
    (await documents.readSchema(name)).indexes.filter(({ system }: { system: boolean }) => !system);
  const builtIndexes = async (name: string) => {
    for (const deadline = Date.now() + 30_000; ; await pause(100)) {
      const found = await indexesOf(name);
      if (found.every(({ state }) => state !== 'BUILDING') || Date.now() > deadline) return found;
    }
  };

  describe('is refused, and nothing changes', () => {
    test.each(operations)(
      '%s without signing in, without %s, and of no schema',
      async (mutation, permission, input) => {
        const name = await documents.schema(start);
        const before = await readWritten(name);
        const given = ofSchema(mutation, name, input);
        const anonymous = createGraphqlClient(world.shape.url);
        expect(await documents.refusedChange(mutation, given, anonymous)).toMatchObject({ code: 'UNAUTHENTICATED' });
        expect(await documents.refusedChange(mutation, given, without(permission))).toMatchObject({
          code: 'FORBIDDEN',
          details: { permission },
        });
        expect(await readWritten(name)).toEqual(before);
        expect(await documents.refusedChange(mutation, ofSchema(mutation, 'none', input))).toMatchObject({
          code: 'NOT_FOUND',
          details: { field: isWhole(mutation) ? 'input.name' : 'input.schemaName', code: 16 },
        });
      },
    );

    test.each(faultyParts)('%s with %j', async (mutation, input, field, number) => {
      const schemaName = await documents.schema(start);
      const before = await readWritten(schemaName);
      expect(await documents.refusedChange(mutation, { schemaName, ...input })).toMatchObject({
        code: codes[number],
        message: expect.stringContaining(`${field}: `),
        details: { field, code: number },
      });
      expect(await readWritten(schemaName)).toEqual(before);
    });

    test.each(faultyWholes)('a whole schema with %s', async (_what, input, path) => {
      const created = await documents.refusedChange('createDocumentSchema', { name: 'never-made', ...input });
      const refusal = { code: 'BAD_USER_INPUT', details: { field: `input.${path}` } };
      expect(created).toMatchObject({ ...refusal, message: expect.stringContaining(`input.${path}: `) });
      expect(await documents.readSchema('never-made')).toBeNull();
      const name = await documents.schema(start);
      const { definition } = await documents.readSchema(name);
      const { name: newName, ...rest } = input as { name?: string };
      const update = { name, ...(newName === undefined ? {} : { newName }), ...rest };
      const field = path === 'name' ? 'input.newName' : `input.${path}`;
      expect(await documents.refusedChange('updateDocumentSchema', update)).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field },
      });
      expect(await documents.readSchema(name)).toMatchObject({ name, description: '', definition });
    });
  });

  describe('createDocumentSchema', () => {
    test('is refused without its permission, and for a name that another schema has', async () => {
      const name = await documents.schema(start);
      const input = { name: `other-${name}` };
      const refusal = await documents.refusedChange('createDocumentSchema', input, without('CREATE_SCHEMAS'));
      expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'CREATE_SCHEMAS' } });
      expect(await documents.readSchema(input.name)).toBeNull();
      const taken = { code: 'ALREADY_EXISTS', details: { field: 'input.name', code: 17 } };
      expect(await documents.refusedChange('createDocumentSchema', { name })).toMatchObject(taken);
      const text = schemaMutation('createDocumentSchema');
      const both = await Promise.all([1, 2].map(() => world.clinic.admin.ask(text, { input })));
      expect(both.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions))).toMatchObject([taken]);
    });

    test('completes the definition, which any signed-in user reads', async () => {
      const name = await documents.schema({ statuses: { raw: {}, done: {} }, readMode: 'default', maximumLimit: 5 });
      expect(await documents.readSchema(name, world.clinic.quinn)).toMatchObject({
        name,
        description: '',
        disabled: false,
        definition: {
          properties: {},
          statuses: { raw: {}, done: {} },
          creationTransition: { type: 'manual', toStatus: 'raw' },
          transitions: [],
          indexes: [],
          createMode: 'allUsers',
          readMode: 'default',
          updateMode: ['linkedUsers', 'linkedGroupStaff'],
          deleteMode: 'permissionRequired',
          groupSyncMode: 'disabled',
          defaultLimit: 5,
          maximumLimit: 5,
        },
      });
    });
  });

  test('schemas are listed to everybody who is signed in, filtered and in pages; those disabled to few', async () => {
    const mark = Math.random().toString(36).slice(2, 10);
    const names = ['c', 'a', 'b'].map((letter) => `${letter}-${mark}`);
    for (const name of names) await documents.change('createDocumentSchema', { name });
    await documents.change('disableDocumentSchema', { name: `b-${mark}` });
    const query = `query ($filter: DocumentSchemaFilter, $first: Int, $after: String) {
      documentSchemas(filter: $filter, orderBy: { field: NAME }, first: $first, after: $after) {
        totalCount nodes { name } pageInfo { hasNextPage endCursor }
      }
    }`;
    const list = async (who: GraphqlClient, more: object = {}) =>
      (await who.run(query, { filter: { name: { like: mark } }, ...more })).documentSchemas;
    const { admin, quinn } = world.clinic;
    expect(await list(quinn)).toMatchObject({ totalCount: 2, nodes: [{ name: names[1] }, { name: names[0] }] });
    expect((await list(without('DISABLE_SCHEMAS'))).totalCount).toBe(2);
    const first = await list(admin, { first: 2 });
    const rest = await list(admin, { first: 2, after: first.pageInfo.endCursor });
    const found = [...first.nodes, ...rest.nodes].map(({ name }: { name: string }) => name);
    expect([first.totalCount, rest.pageInfo.hasNextPage, found]).toEqual([3, false, [...names].sort()]);
    const disabled = { name: { like: mark }, disabled: true };
    expect((await list(admin, { filter: disabled })).nodes).toEqual([{ name: `b-${mark}` }]);
    expect(await documents.readSchema(`b-${mark}`, quinn)).toBeNull();
    const bad = (await admin.ask(query, { after: 'none' })).errors?.[0]?.extensions;
    expect(bad).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'after' } });
    const anonymous = await createGraphqlClient(world.shape.url).ask(query);
    expect(anonymous.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('updateDocumentSchema changes the whole and says what changed; a name that is taken undoes it all', async () => {
    const [name, other] = [await documents.schema(start), await documents.schema()];
    const { definition } = await documents.readSchema(name);
    expect((await documents.change('updateDocumentSchema', { name, definition })).changes).toEqual([]);
    const taken = await documents.refusedChange('updateDocumentSchema', { name, newName: other, description: 'new' });
    expect(taken).toMatchObject({ code: 'ALREADY_EXISTS', details: { field: 'input.newName', code: 17 } });
    expect((await documents.readSchema(name)).description).toBe('');

    const { old: _, ...properties } = definition.properties;
    const next = {
      ...definition,
      properties: { ...properties, note: { type: 'string', maxLength: 9 }, extra: number },
      statuses: { new: {}, done: { color: 'red' } },
      transitions: [{ ...definition.transitions[0], name: 'close' }, transition],
      indexes: [on('data.note')],
      readMode: 'allUsers',
    };
    const newName = `${name}-2`;
    const { schema, changes } = await documents.change('updateDocumentSchema', { name, newName, definition: next });
    expect(schema.definition.transitions).toEqual([
      next.transitions[0],
      { ...transition, id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    expect(changes.map(({ path, kind }: { path: string; kind: string }) => `${kind} ${path}`).sort()).toEqual([
      'ADDED definition.indexes.data.note',
      'ADDED definition.properties.extra',
      'ADDED definition.transitions.again',
      'CHANGED definition.properties.note',
      'CHANGED definition.readMode',
      'CHANGED definition.statuses.done',
      'CHANGED definition.transitions.close',
      'CHANGED name',
      'REMOVED definition.indexes.data.device.model',
      'REMOVED definition.properties.old',
      'REMOVED definition.statuses.spare',
    ]);
    expect(await documents.readSchema(name)).toBeNull();
    expect((await documents.readSchema(newName)).definition).toEqual(schema.definition);
  });

  test('a schema that is disabled can be read, not written, and only then deleted; its name is free at once', async () => {
    const { pat, admin } = world.clinic;
    const name = await documents.schema(start);
    const { id, data } = await documents.create(pat, name, { meals: [{ kcal: 1 }] });
    const early = await documents.refusedChange('deleteDocumentSchema', { name });
    expect(early).toMatchObject({ code: 'ILLEGAL_STATE', details: { field: 'input.name', code: 27 } });
    expect((await documents.change('disableDocumentSchema', { name })).schema.disabled).toBe(true);
    expect((await documents.change('disableDocumentSchema', { name })).changes).toEqual([]);
    for (const [mutation, input] of [
      ['update', { data: { note: 'b' } }],
      ['deleteFields', { fields: ['note'] }],
      ['addItem', { path: 'meals', item: {} }],
      ['updateItem', { path: 'meals', itemId: data.meals[0].id, item: { kcal: 2 } }],
      ['deleteItem', { path: 'meals', itemId: data.meals[0].id }],
      ['transition', { name: 'finish' }],
      ['restore', { version: 1 }],
      ['link', { userIds: [pat.userId] }],
      ['unlink', { allUsers: true }],
      ['delete', {}],
    ] as const) {
      const fault = await documents.refusedWithoutChange(admin, mutation, { id, ...input });
      expect([mutation, fault]).toMatchObject([mutation, { code: 'ILLEGAL_STATE', details: { code: 27 } }]);
    }
    expect(await documents.refused(pat, 'create', { schemaName: name })).toMatchObject({ code: 'ILLEGAL_STATE' });
    expect((await documents.read(pat, id)).data).toEqual(data);
    expect((await documents.readSchema(name, pat)).disabled).toBe(true);

    await documents.change('enableDocumentSchema', { name });
    expect((await documents.send(pat, 'update', { id, data: { note: 'b' } })).data.note).toBe('b');
    const { schema } = await documents.change('disableDocumentSchema', { name });
    expect((await documents.change('deleteDocumentSchema', { name })).deletedId).toBe(schema.id);
    expect([await documents.read(pat, id), await documents.read(admin, id)]).toEqual([null, null]);
    expect(await documents.readSchema(name)).toBeNull();
    expect((await documents.refusedChange('enableDocumentSchema', { name })).code).toBe('NOT_FOUND');
    expect((await documents.change('createDocumentSchema', { name })).schema.id).not.toBe(schema.id);
  });

  test('properties come, change and go by their paths; what is no longer declared is kept and shown to nobody', async () => {
    const { pat, admin } = world.clinic;
    const schemaName = await documents.schema(start);
    const { id } = await documents.create(pat, schemaName, { old: 'x', meals: [{ kcal: 1 }] });
    const at = { schemaName, path: 'meals.name' };
    const undeclared = { id, data: { meals: [{ name: 'soup' }] } };
    expect(await documents.refused(pat, 'update', undeclared)).toMatchObject({
      details: { field: 'input.data.meals.0.name', code: 26 },
    });
    const { changes } = await documents.change('createSchemaProperty', { ...at, configuration: string });
    expect(changes).toEqual([{ path: 'definition.properties.meals', kind: 'CHANGED' }]);
    expect((await documents.send(pat, 'update', undeclared)).data.meals).toMatchObject([{ name: 'soup' }]);
    await documents.change('updateSchemaProperty', { ...at, configuration: { ...string, maxLength: 3 } });
    expect((await documents.read(pat, id)).data.meals).toMatchObject([{ name: 'soup' }]);
    expect(await documents.refused(pat, 'update', { id, data: { note: 'b' } })).toMatchObject({
      details: { field: 'input.data.meals.0.name', code: 26 },
    });
    await documents.change('deleteSchemaProperty', at);
    const removed = await documents.change('deleteSchemaProperty', { schemaName, path: 'old' });
    expect(removed.changes).toEqual([{ path: 'definition.properties.old', kind: 'REMOVED' }]);
    const hidden = { note: 'a', meals: [{ id: expect.any(String) }] };
    for (const viewer of [pat, admin]) expect((await documents.read(viewer, id)).data).toEqual(hidden);
    await documents.send(pat, 'update', { id, data: { note: 'b' } });
    await documents.change('createSchemaProperty', { schemaName, path: 'old', configuration: string });
    expect((await documents.read(pat, id)).data).toEqual({ ...hidden, note: 'b', old: 'x' });
  });

  test('statuses come, change and go', async () => {
    const schemaName = await documents.schema(start);
    await documents.change('createSchemaStatus', { schemaName, name: 'late', data: { a: 'b' } });
    await documents.change('updateSchemaStatus', { schemaName, name: 'done', data: { color: null, weight: 'heavy' } });
    const { schema, changes } = await documents.change('deleteSchemaStatus', { schemaName, name: 'spare' });
    const statuses = { new: {}, done: { size: 'big', weight: 'heavy' }, late: { a: 'b' } };
    expect(schema.definition.statuses).toEqual(statuses);
    expect(changes).toEqual([{ path: 'definition.statuses.spare', kind: 'REMOVED' }]);
  });

  test('transitions, that of creation too, come, change and go, and documents move as they say', async () => {
    const { pat } = world.clinic;
    const schemaName = await documents.schema(start);
    const creationTransition = { type: 'manual', toStatus: 'done' };
    await documents.change('updateCreationTransition', { schemaName, creationTransition });
    const { id, status } = await documents.create(pat, schemaName);
    expect(status).toBe('done');
    const again = { id, name: 'again' };
    expect((await documents.refused(pat, 'transition', again)).code).toBe('NOT_FOUND');
    const added = await documents.change('createSchemaTransition', { schemaName, transition });
    expect(added.changes).toEqual([{ path: 'definition.transitions.again', kind: 'ADDED' }]);
    const [finish, { id: transitionId }] = added.schema.definition.transitions;
    expect((await documents.send(pat, 'transition', again)).status).toBe('new');

    const renamed = { ...transition, name: 'back', fromStatuses: ['new'], toStatus: 'spare' };
    const updated = await documents.change('updateSchemaTransition', { schemaName, transitionId, transition: renamed });
    expect(updated.schema.definition.transitions).toEqual([finish, { ...renamed, id: transitionId }]);
    expect((await documents.send(pat, 'transition', { id, transitionId })).status).toBe('spare');
    await documents.change('deleteSchemaTransition', { schemaName, transitionId });
    expect((await documents.refused(pat, 'transition', { id, transitionId })).code).toBe('NOT_FOUND');
  });

  describe('indexes', () => {
    test('are built until they are ready, and go with the schema or by themselves', async () => {
      const schemaName = await documents.schema(start);
      const text = { fields: [{ name: 'data.note', type: 'text' }] };
      for (const index of [on('data.tags', { sparse: true }), on('status'), text]) {
        await documents.change('createSchemaIndex', { schemaName, index });
      }
      const ready = { state: 'READY', failure: null, unique: false, system: false };
      expect(await builtIndexes(schemaName)).toMatchObject([
        { ...ready, fields: [{ name: 'data.device.model', type: 'ASC' }], sparse: false },
        { ...ready, fields: [{ name: 'data.tags', type: 'ASC' }], sparse: true },
        { ...ready, fields: [{ name: 'status', type: 'ASC' }] },
        { ...ready, fields: [{ name: 'data.note', type: 'TEXT' }] },
      ]);
      const second = { schemaName, index: { fields: [{ name: 'data.old', type: 'text' }] } };
      expect(await documents.refusedChange('createSchemaIndex', second)).toMatchObject({ details: { code: 26 } });
      const [first] = await indexesOf(schemaName);
      await documents.change('deleteSchemaIndex', { schemaName, indexId: first?.id });
      expect(await indexesOf(schemaName)).toHaveLength(3);
      const twice = await documents.refusedChange('deleteSchemaIndex', { schemaName, indexId: first?.id });
      expect(twice).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.indexId', code: 16 } });
      const system = (await documents.readSchema(schemaName)).indexes.filter(
        (index: { system: boolean }) => index.system,
      );
      expect(system).toMatchObject(system.map(() => ({ state: 'READY' })));
      expect(system).not.toEqual([]);
    }, 300_000);

    test('that are unique refuse the second document with the same value, as long as they are there', async () => {
      const { pat, quinn } = world.clinic;
      const schemaName = await documents.schema({ ...start, indexes: [on('data.old', { unique: true })] });
      const [index] = await builtIndexes(schemaName);
      expect(index).toMatchObject({ state: 'READY', unique: true });
      const [first, second] = [
        await documents.create(pat, schemaName, { old: 'x' }),
        await documents.create(quinn, schemaName, { old: 'y' }),
      ];
      await documents.create(quinn, schemaName);
      await documents.create(quinn, schemaName);
      const taken = { code: 'ALREADY_EXISTS', details: { field: 'input.data.old', code: 17 } };
      expect(await documents.refused(quinn, 'create', { schemaName, data: { old: 'x' } })).toMatchObject(taken);
      for (const mutation of ['update', 'transition'] as const) {
        const input = { id: second.id, data: { old: 'x' }, ...(mutation === 'transition' ? { name: 'finish' } : {}) };
        expect(await documents.refusedWithoutChange(quinn, mutation, input)).toMatchObject(taken);
      }
      await documents.send(pat, 'update', { id: first.id, data: { old: 'z' } });
      expect((await documents.send(quinn, 'update', { id: second.id, data: { old: 'x' } })).data.old).toBe('x');

      await documents.change('deleteSchemaIndex', { schemaName, indexId: index?.id });
      const again = { schemaName, index: on('data.old', { unique: true }) };
      for (const deadline = Date.now() + 30_000; ; await pause(100)) {
        const { errors } = await pat.ask(
          'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id } } }',
          { input: { schemaName, data: { old: 'x' } } },
        );
        if (errors === undefined) break;
        if (Date.now() > deadline) throw new Error('the index is still there');
      }
      await documents.change('createSchemaIndex', again);
      const [failed] = await builtIndexes(schemaName);
      expect(failed).toMatchObject({ state: 'FAILED', failure: 'Two documents have the same values in data.old.' });
      await documents.change('deleteSchemaIndex', { schemaName, indexId: failed?.id });
      expect(await indexesOf(schemaName)).toEqual([]);
    }, 300_000);
  });
});
