// Many slow reads in one request, on a PostgreSQL server: they leave connections for others, and they end.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../../operations/servers/postgres.ts';
import { type OpenDatabase, openDatabase } from '../../../platform/database/open-database.ts';
import { newId } from '../../../platform/ids.ts';
import {
  createDocumentMutation,
  createSchemaMutation,
  type DataService,
  person,
  startDataService,
} from '../../../tests/support/data-service.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

describeOnServers('on PostgreSQL', ['postgres'], () => {
  let postgres: PostgresServer;
  let database: OpenDatabase;
  let service: DataService;
  let now = Date.now();

  beforeAll(async () => {
    postgres = await startPostgres();
    const databaseUrl = await postgres.createDatabase();
    const log = { info: () => {}, warn: () => {} };
    database = await openDatabase({ databaseUrl, dataDir: '', log, queryMilliseconds: 5_000 });
    service = await startDataService({ databaseUrl, now: () => now, wrap: () => database });
  }, 300_000);
  afterAll(async () => {
    await service.close();
    await database.close();
    await postgres.stop();
  });

  const query = <Row>(text: string) => service.graph.database.connection.query<Row>(text);
  /** How many statements cannot go on. */
  const standing = async () =>
    (await query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%data.documents%'`))
      .length;

  /** Twenty lists, with their counts, and twenty figures. */
  async function askForMuch(schemaName: string) {
    const fields = Array.from({ length: 20 }, (_, n) => [
      `list${n}: documents(schemaName: "${schemaName}", rql: "limit(${n + 1})") { totalCount }`,
      `figure${n}: documentAggregate(schemaName: "${schemaName}", first: ${n + 1}) { groups { count } }`,
    ]);
    return service.graph.execute('data', { query: `{ ${fields.flat().join('\n')} }`, identity: reader });
  }
  const reader = person({ permissions: ['VIEW_DOCUMENTS'] });

  test('a request for much keeps nobody from writing, and ends with QUERY_TIMEOUT', async () => {
    const schemaName = await service.schema();
    const creating = { input: { schemaName } };
    let asked: ReturnType<typeof askForMuch> | undefined;
    await service.graph.database.connection.transaction(async (transaction) => {
      await transaction.query('LOCK TABLE data.documents IN ACCESS EXCLUSIVE MODE');
      asked = askForMuch(schemaName);
      await until(async () => (await standing()) >= 2);
      const input = { name: `schema-${newId().slice(-12)}`, definition: {} };
      const author = person({ permissions: ['CREATE_SCHEMAS'] });
      expect(await service.ask(author, createSchemaMutation, { input })).toMatchObject({
        createDocumentSchema: { schema: { name: input.name } },
      });
      expect(await standing()).toBeLessThanOrEqual(2);
      now += 10_000;
      // Those that stand are ended by the server, and no others begin.
      const { data, errors = [] } = await asked;
      expect(data).toBeNull();
      expect(errors.length).toBeGreaterThan(0);
      for (const { extensions } of errors) {
        expect(extensions).toMatchObject({ code: 'QUERY_TIMEOUT', details: { code: 21 } });
      }
      await until(async () => (await standing()) === 0);
    });
    // Nothing is left of it: the next request of the same viewer is answered.
    await service.ask(person(), createDocumentMutation, creating);
    const { data, errors } = await askForMuch(schemaName);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ list19: { totalCount: 1 }, figure19: { groups: [{ count: 1 }] } });
  }, 300_000);
});
