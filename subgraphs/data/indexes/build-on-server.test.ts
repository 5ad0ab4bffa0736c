// Indexes on a PostgreSQL server: they are built while documents are written, one at a time, and queries use them.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Prisma } from '../../../generated/prisma/client.ts';
import { type PostgresServer, startPostgres } from '../../../operations/servers/postgres.ts';
import { newId } from '../../../platform/ids.ts';
import {
  createDocumentMutation,
  type DataService,
  person,
  startDataService,
} from '../../../tests/support/data-service.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';
import { fieldSql, findSingleField, folded, jsonAt } from '../queries/typed-value-sql.ts';
import { indexName } from './index-statements.ts';

const properties = {
  code: { type: 'string' },
  size: { type: 'number' },
  tags: { type: 'array', items: { type: 'string' } },
} as const;
const on = (name: string, type = 'asc', options = {}) => ({ fields: [{ name, type }], options });

describeOnServers('on PostgreSQL', ['postgres'], () => {
  let postgres: PostgresServer;
  let service: DataService;
  let now = Date.now();

  beforeAll(async () => {
    postgres = await startPostgres();
    service = await startDataService({ databaseUrl: await postgres.createDatabase(), now: () => now });
  }, 300_000);
  afterAll(async () => {
    await service.close();
    await postgres.stop();
  });

  const query = <Row>(text: string, values: readonly unknown[] = []) =>
    service.graph.database.connection.query<Row>(text, values);
  const indexOf = async (name: string) => {
    const { documentSchema } = await service.ask(
      person(),
      `{ documentSchema(name: "${name}") { id indexes { id state system } } }`,
    );
    const [index] = documentSchema.indexes.filter(({ system }: { system: boolean }) => !system);
    return { schemaId: documentSchema.id as string, ...(index as { id: string; state: string }) };
  };
  const create = (schemaName: string, data: object) =>
    service.graph.execute('data', {
      query: createDocumentMutation,
      variables: { input: { schemaName, data } },
      identity: person({ permissions: ['VIEW_DOCUMENTS'] }),
    });

  test('what an attempt that was cut off left behind gives way', async () => {
    const name = await service.schema({ properties, indexes: [on('data.code')] });
    for (const code of ['a', 'a']) await create(name, { code });
    const { id } = await indexOf(name);
    const left = `CREATE UNIQUE INDEX CONCURRENTLY "${indexName(id)}" ON data.documents (schema_id)`;
    await expect(query(left)).rejects.toThrow('could not create unique index');
    await service.graph.runJobs();
    expect((await indexOf(name)).state).toBe('READY');
    expect((await create(name, { code: 'b' })).errors).toBeUndefined();
    expect(
      await query(`SELECT indisvalid AS valid, indisunique AS "unique" FROM pg_index WHERE indexrelid = $1::regclass`, [
        `data."${indexName(id)}"`,
      ]),
    ).toEqual([{ valid: true, unique: false }]);
  }, 300_000);

  test('while another process builds, an index waits for its turn', async () => {
    const lease = await service.graph.database.connection.tryLease('data:indexes');
    const name = await service.schema({ properties, indexes: [on('data.code')] });
    expect(await service.graph.runJobs()).toBe(1);
    expect((await indexOf(name)).state).toBe('BUILDING');
    await lease?.release();
    expect(await service.graph.runJobs()).toBe(0);
    now += 5_000;
    expect(await service.graph.runJobs()).toBe(1);
    expect((await indexOf(name)).state).toBe('READY');
  }, 300_000);

  test('documents are written while an index is built', async () => {
    const name = await service.schema({ properties });
    const { document } = (await create(name, { code: 'a' })).data?.createDocument ?? {};
    const index = on('data.code');
    const input = { schemaName: name, index };
    const administrator = person({ permissions: ['UPDATE_SCHEMAS'] });
    await service.ask(
      administrator,
      `mutation ($input: CreateSchemaIndexInput!) { createSchemaIndex(input: $input) { schema { id } } }`,
      { input },
    );
    let building: Promise<number> | undefined;
    await service.graph.database.connection.transaction(async (transaction) => {
      await transaction.query('UPDATE data.documents SET version = version WHERE id = $1', [document.id]);
      building = service.graph.runJobs();
      const builds = async () =>
        (await query(`SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND state = 'active'`))
          .length;
      while ((await builds()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect((await create(name, { code: 'b' })).errors).toBeUndefined();
      expect((await indexOf(name)).state).toBe('BUILDING');
    });
    await building;
    expect((await indexOf(name)).state).toBe('READY');
  }, 300_000);

  test('queries use every kind of index', async () => {
    const kinds = [
      on('data.code'),
      on('data.size', 'desc', { sparse: true }),
      on('data.tags'),
      on('data.code', 'text'),
      on('status'),
    ];
    const name = await service.schema({ properties, indexes: kinds });
    const { schemaId } = await indexOf(name);
    await query(
      `INSERT INTO data.documents (id, schema_id, creator_id, user_ids, group_ids, status, status_changed_at, data, updated_at)
       SELECT gen_random_uuid(), $1, $2, '{}', '{}', 'status' || n, now(),
         jsonb_build_object('code', md5(n::text), 'size', n, 'tags', jsonb_build_array('tag' || n)), now()
       FROM generate_series(1, 5000) AS n`,
      [schemaId, newId()],
    );
    await service.graph.runJobs();
    await query('ANALYZE data.documents');
    const single = (field: string) => {
      const found = findSingleField(field, properties);
      if (found === undefined) throw new Error(field);
      return fieldSql(found);
    };
    const { documentSchema } = await service.ask(person(), `{ documentSchema(name: "${name}") { indexes { id } } }`);
    const ids: string[] = documentSchema.indexes.map(({ id }: { id: string }) => id).slice(-kinds.length);
    const conditions = [
      Prisma.sql`${single('data.code')} = ${'abc'}`,
      Prisma.sql`${single('data.size')} >= ${4_990}::numeric`,
      Prisma.sql`${jsonAt(['tags'])} @> ${'["tag7"]'}::text::jsonb`,
      Prisma.sql`${folded(Prisma.sql`(CASE WHEN jsonb_typeof(${jsonAt(['code'])}) = 'string' THEN ${jsonAt(['code'])} #>> '{}'::text[] END)`)} LIKE ${'%abcdef0%'}`,
      Prisma.sql`${single('status')} = ${'status7'}`,
    ];
    const db = service.graph.database.forService<'document'>('data').db;
    for (const [place, condition] of conditions.entries()) {
      const rows = await db.$queryRaw<{ 'QUERY PLAN': string }[]>(Prisma.sql`
        EXPLAIN SELECT d.id FROM data.documents d WHERE d.schema_id = ${schemaId}::uuid AND ${condition}`);
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(indexName(ids[place] ?? ''));
    }
  }, 300_000);
});
