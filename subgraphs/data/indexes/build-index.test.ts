// Indexes of schemas in the database: how they come, what they refuse, how they go.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startPostgres } from '../../../operations/servers/postgres.ts';
import { newId } from '../../../platform/ids.ts';
import {
  createDocumentMutation,
  type DataService,
  person,
  startDataService,
} from '../../../tests/support/data-service.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';

const admin = person({ permissions: ['UPDATE_SCHEMAS', 'DISABLE_SCHEMAS', 'DELETE_SCHEMAS', 'CREATE_SCHEMAS'] });
const writer = person({ permissions: ['CREATE_DOCUMENTS', 'VIEW_DOCUMENTS'] });
const properties = {
  code: { type: 'string' },
  size: { type: 'number' },
  open: { type: 'boolean' },
  tags: { type: 'array', items: { type: 'string' } },
};
const on = (names: string, options = {}) => ({
  fields: names.split(' ').map((field) => {
    const [name, type = 'asc'] = field.split(':');
    return { name, type };
  }),
  options,
});

const indexesQuery = `query ($name: String!) { documentSchema(name: $name) {
  indexes { id state failure system unique sparse fields { name type } }
} }`;
const updateMutation = `mutation ($input: UpdateDocumentSchemaInput!) {
  updateDocumentSchema(input: $input) { schema { id } }
}`;

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly failure: string | null;
  readonly system: boolean;
}

const allIndexes = async (service: DataService, name: string): Promise<Shown[]> =>
  (await service.ask(admin, indexesQuery, { name })).documentSchema.indexes;
const indexes = async (service: DataService, name: string) =>
  (await allIndexes(service, name)).filter(({ system }) => !system);
const update = (service: DataService, name: string, definition: object) =>
  service.ask(admin, updateMutation, { input: { name, definition } });
const create = (service: DataService, schemaName: string, data: object) =>
  service.graph.execute('data', {
    query: createDocumentMutation,
    variables: { input: { schemaName, data } },
    identity: writer,
  });
const built = async (service: DataService) =>
  (
    await service.graph.database.connection.query<{ definition: string }>(
      `SELECT indexdef AS definition FROM pg_indexes WHERE indexname LIKE 'documents_x_%' ORDER BY indexname`,
    )
  ).map(({ definition }) => definition);

function suite(start: () => Promise<DataService>) {
  let service: DataService;
  beforeAll(async () => {
    service = await start();
  }, 300_000);
  afterAll(() => service.close());

  test('indexes of every kind are built by a job, and used by none before', async () => {
    const kinds = [
      on('data.code data.size:desc'),
      on('data.open', { sparse: true }),
      on('data.tags', { sparse: true }),
      on('data.code:text status:text'),
      on('groupIds'),
      on('createdAt', { sparse: true }),
      on('data.size status', { unique: true }),
    ];
    const name = await service.schema({ properties, indexes: kinds });
    await create(service, name, { code: 'it\'s "a"', size: 1, open: true, tags: ['x'] });
    expect((await indexes(service, name)).map(({ state }) => state)).toEqual(kinds.map(() => 'BUILDING'));
    await service.graph.runJobs();
    expect(await indexes(service, name)).toMatchObject(
      kinds.map(({ fields, options }) => ({
        state: 'READY',
        failure: null,
        fields: fields.map((field) => ({ name: field.name, type: field.type?.toUpperCase() })),
        unique: false,
        sparse: false,
        ...options,
      })),
    );
    expect((await built(service)).length).toBeGreaterThanOrEqual(kinds.length);
    expect((await allIndexes(service, name)).filter(({ system }) => system).length).toBeGreaterThan(0);
  }, 300_000);

  test('what exists twice cannot be unique: the index fails, says so, and leaves nothing behind', async () => {
    const name = await service.schema({ properties });
    await create(service, name, { code: 'a' });
    await create(service, name, { code: 'a' });
    const before = (await built(service)).length;
    const definition = { properties, indexes: [on('data.code', { unique: true })] };
    await update(service, name, definition);
    await service.graph.runJobs();
    expect(await indexes(service, name)).toMatchObject([
      { state: 'FAILED', failure: 'Two documents have the same values in data.code.' },
    ]);
    expect((await built(service)).length).toBe(before);
    expect((await create(service, name, { code: 'a' })).errors).toBeUndefined();
  }, 300_000);

  test('a value that is too long for an index makes it fail, and is refused once it is there', async () => {
    const long = Array.from({ length: 200 }, newId).join('');
    const name = await service.schema({ properties, indexes: [on('data.code')] });
    await service.graph.runJobs();
    expect((await create(service, name, { code: long })).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.data.code', code: 26 },
    });
    await update(service, name, { properties });
    await service.graph.runJobs();
    expect((await create(service, name, { code: long })).errors).toBeUndefined();
    await update(service, name, { properties, indexes: [on('data.code')] });
    await service.graph.runJobs();
    expect(await indexes(service, name)).toMatchObject([
      { state: 'FAILED', failure: 'A document has a value in data.code that is too long for an index.' },
    ]);
  }, 300_000);

  test('a unique index refuses a second document with the same values, and no other', async () => {
    const definition = { properties, indexes: [on('data.code data.size', { unique: true })] };
    const [name, other] = [await service.schema(definition), await service.schema(definition)];
    await service.graph.runJobs();
    const attempts = [
      { schema: name, data: { code: 'a', size: 1 } },
      { schema: name, data: { code: 'a', size: 2 } },
      { schema: name, data: { code: 'a' } },
      { schema: name, data: { code: 'a' } },
      { schema: other, data: { code: 'a', size: 1 } },
    ];
    for (const { schema, data } of attempts) expect((await create(service, schema, data)).errors).toBeUndefined();
    const [refused] = (await create(service, name, { code: 'a', size: 1 })).errors ?? [];
    expect(refused).toMatchObject({
      message: expect.stringContaining('code, size'),
      extensions: { code: 'ALREADY_EXISTS', details: { field: 'input.data', code: 17 } },
    });
    expect(JSON.stringify(refused)).not.toMatch(/documents_x_|schema_id/);
  }, 300_000);

  test('an index that is no longer wanted goes at once, and from the database by a job', async () => {
    const name = await service.schema({ properties, indexes: [on('data.code'), on('data.size')] });
    await service.graph.runJobs();
    const [first, second] = await indexes(service, name);
    const ofSecond = async () => (await built(service)).filter((definition) => definition.includes(hex(second?.id)));
    expect(await ofSecond()).not.toEqual([]);
    await update(service, name, { properties, indexes: [on('data.code')] });
    expect(await indexes(service, name)).toEqual([first]);
    await service.graph.runJobs();
    expect(await ofSecond()).toEqual([]);
    expect(await service.graph.runJobs()).toBe(0);
  }, 300_000);

  test('an index that is dropped before it was built is never built', async () => {
    const before = await built(service);
    const name = await service.schema({ properties, indexes: [on('data.code')] });
    const [index] = await indexes(service, name);
    await update(service, name, { properties });
    await service.graph.jobs.run('data', 'buildIndex', { indexId: index?.id ?? '' });
    expect([await indexes(service, name), await built(service)]).toEqual([[], before]);
    await service.graph.runJobs();
    expect([await indexes(service, name), await built(service)]).toEqual([[], before]);
  }, 300_000);

  test('an index that is dropped while it is being built is not left behind', async () => {
    for (let round = 0; round < 4; round += 1) {
      const name = await service.schema({ properties, indexes: [on('data.code', { unique: true })] });
      const [index] = await indexes(service, name);
      const run = (job: string) => service.graph.jobs.run('data', job, { indexId: index?.id ?? '' });
      const building = run('buildIndex');
      await update(service, name, { properties });
      await run('dropIndex');
      await building;
      await run('dropIndex');
      expect((await built(service)).filter((definition) => definition.includes(hex(index?.id)))).toEqual([]);
    }
  }, 300_000);

  test('what is too long for any index is refused as such, and is a reason why an index fails', async () => {
    const huge = randomBytes(20_000).toString('base64');
    const name = await service.schema({ properties, indexes: [on('data.code')] });
    await service.graph.runJobs();
    expect((await create(service, name, { code: huge })).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.data', code: 26 },
    });
    await update(service, name, { properties });
    await service.graph.runJobs();
    expect((await create(service, name, { code: huge })).errors).toBeUndefined();
    await update(service, name, { properties, indexes: [on('data.code')] });
    await service.graph.runJobs();
    expect(await indexes(service, name)).toMatchObject([
      { state: 'FAILED', failure: 'A document has a value in data.code that is too long for an index.' },
    ]);
  }, 300_000);

  test('all schemas together have 200 indexes at most', async () => {
    const name = await service.schema({ properties });
    const query = (sql: string) => service.graph.database.connection.query(sql);
    await query(`INSERT INTO data.document_indexes (id, schema_id, fields, "unique", sparse, state, updated_at)
      SELECT gen_random_uuid(), s.id, '[{"name": "filler", "type": "asc", "as": "column"}]', false, false, 'READY', now()
      FROM data.document_schemas s, generate_series(1, 200) WHERE s.name = '${name}'`);
    const other = await service.schema({ properties });
    const input = { name: other, definition: { properties, indexes: [on('data.code')] } };
    const refused = await service.refusal(admin, updateMutation, { input });
    await query(`DELETE FROM data.document_indexes WHERE fields @> '[{"name": "filler"}]'`);
    expect(refused).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    expect(await indexes(service, other)).toEqual([]);
    await update(service, other, input.definition);
    expect(await indexes(service, other)).toMatchObject([{ state: 'BUILDING' }]);
  }, 300_000);

  test('a field that is declared otherwise gets another index', async () => {
    const name = await service.schema({ properties, indexes: [on('data.code')] });
    await service.graph.runJobs();
    const [before] = await indexes(service, name);
    await update(service, name, { properties: { code: { type: 'number' } }, indexes: [on('data.code')] });
    const [after] = await indexes(service, name);
    expect([after?.id === before?.id, after?.state]).toEqual([false, 'BUILDING']);
    await service.graph.runJobs();
    expect((await built(service)).filter((definition) => definition.includes(hex(before?.id)))).toEqual([]);
    expect((await built(service)).find((definition) => definition.includes(hex(after?.id)))).toContain('numeric');
  }, 300_000);

  test('a deleted schema takes its documents and indexes with it, and nobody finds it meanwhile', async () => {
    const name = await service.schema({ properties, indexes: [on('data.code')] });
    const { document } = (await create(service, name, { code: 'a' })).data?.createDocument ?? {};
    await service.graph.runJobs();
    const [index] = await indexes(service, name);
    const input = { name };
    await service.ask(
      admin,
      'mutation ($input: DisableDocumentSchemaInput!) { disableDocumentSchema(input: $input) { schema { id } } }',
      { input },
    );
    const { deletedId } = (
      await service.ask(
        admin,
        'mutation ($input: DeleteDocumentSchemaInput!) { deleteDocumentSchema(input: $input) { deletedId } }',
        { input },
      )
    ).deleteDocumentSchema;
    expect(await service.ask(admin, indexesQuery, { name })).toEqual({ documentSchema: null });
    for (let round = 0; round < 3; round += 1)
      await service.graph.jobs.run('data', 'deleteSchema', { schemaId: deletedId });
    await service.graph.runJobs();
    await service.graph.jobs.run('data', 'deleteSchema', { schemaId: deletedId });
    const left = await service.graph.database.connection.query(
      'SELECT id FROM data.document_schemas WHERE id = $1 UNION ALL SELECT id FROM data.documents WHERE id = $2 UNION ALL SELECT id FROM data.document_indexes WHERE schema_id = $1',
      [deletedId, document.id],
    );
    expect(left).toEqual([]);
    expect((await built(service)).filter((definition) => definition.includes(hex(index?.id)))).toEqual([]);
  }, 300_000);

  test('a deleted schema goes though its documents take too long at once, and the jobs of its indexes gave up', async () => {
    const name = await service.schema({ properties, indexes: [on('data.code')] });
    for (const code of ['a', 'b', 'c', 'd']) await create(service, name, { code });
    await service.graph.runJobs();
    const { connection } = service.graph.database;
    const [schema] = await connection.query<{ id: string }>('SELECT id FROM data.document_schemas WHERE name = $1', [
      name,
    ]);
    const schemaId = schema?.id ?? '';
    // As a dead drop job leaves it.
    await connection.query(`UPDATE data.document_indexes SET state = 'DROPPING' WHERE schema_id = $1`, [schemaId]);
    await connection.query(
      `UPDATE data.document_schemas SET disabled = true, deleted_at = now(), name = 'deleted:' || id WHERE id = $1`,
      [schemaId],
    );
    await connection.query(`CREATE FUNCTION data.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT count(*) FROM gone) > 2 THEN RAISE EXCEPTION 'too slow' USING ERRCODE = '57014'; END IF; RETURN NULL; END $$`);
    await connection.query(`CREATE TRIGGER slow AFTER DELETE ON data.documents REFERENCING OLD TABLE AS gone
      FOR EACH STATEMENT EXECUTE FUNCTION data.slow()`);
    await service.graph.jobs.run('data', 'deleteSchema', { schemaId });
    await connection.query('DROP FUNCTION data.slow CASCADE');
    const left = await connection.query(
      'SELECT id FROM data.document_schemas WHERE id = $1 UNION ALL SELECT id FROM data.documents WHERE schema_id = $1 UNION ALL SELECT id FROM data.document_indexes WHERE schema_id = $1',
      [schemaId],
    );
    expect(left).toEqual([]);
  }, 300_000);
}

function hex(id = ''): string {
  return id.replaceAll('-', '');
}

describe('on the embedded database', () => suite(startDataService));

describeOnServers('on PostgreSQL', ['postgres'], () => {
  suite(async () => {
    const postgres = await startPostgres();
    const service = await startDataService({ databaseUrl: await postgres.createDatabase() });
    return {
      ...service,
      async close() {
        await service.close();
        await postgres.stop();
      },
    };
  });
});
