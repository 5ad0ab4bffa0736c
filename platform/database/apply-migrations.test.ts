// Bringing a database up to date: all or nothing, once, whoever else starts at the same time.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../operations/servers/postgres.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { applyMigrations, type Migration, readMigrations } from './apply-migrations.ts';
import { openEmbeddedPostgres } from './embedded-postgres.ts';
import { openPostgresServer } from './postgres-server.ts';
import type { SqlConnection } from './sql-connection.ts';

const one: Migration = {
  name: '20260101000000_one',
  script: `CREATE TABLE one (text TEXT DEFAULT ';'); INSERT INTO one DEFAULT VALUES;`,
};
const two: Migration = { name: '20260102000000_two', script: 'CREATE TABLE two ();' };
const faulty: Migration = { name: '20260103000000_faulty', script: 'CREATE TABLE three (); CREATE TABLE one ();' };

function migrationSuite(open: () => Promise<SqlConnection>): void {
  let connection: SqlConnection;
  beforeEach(async () => {
    connection = await open();
  });
  afterEach(() => connection.close());

  const select = <Row>(text: string) => connection.transaction((transaction) => transaction.query<Row>(text));
  const tables = async () => {
    const rows = await select<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };

  test('one that cannot be applied leaves nothing behind, is named, and stops those before it', async () => {
    await expect(applyMigrations(connection, [one, faulty])).rejects.toThrow('20260103000000_faulty');
    expect(await tables()).toEqual([]);
  });

  test('one that another tool has begun and not finished is not passed over', async () => {
    await applyMigrations(connection, [one]);
    await select(`UPDATE _prisma_migrations SET finished_at = NULL`);
    await expect(applyMigrations(connection, [one, two])).rejects.toThrow('20260101000000_one');
    await select(`UPDATE _prisma_migrations SET rolled_back_at = now()`);
    await select('DROP TABLE one');
    expect(await applyMigrations(connection, [one])).toEqual([one.name]);
  });

  test('those that are applied are not applied again; a newer program has left its own in peace', async () => {
    expect(await applyMigrations(connection, [one])).toEqual([one.name]);
    expect(await applyMigrations(connection, [one, two])).toEqual([two.name]);
    expect(await applyMigrations(connection, [one])).toEqual([]);
    expect(await tables()).toEqual(['_prisma_migrations', 'one', 'two']);
    expect(await select('SELECT text FROM one')).toEqual([{ text: ';' }]);
  });

  test("the project's own make the tables and the one row of the log's head", async () => {
    const migrations = await readMigrations();
    expect(await applyMigrations(connection, migrations)).toEqual(migrations.map(({ name }) => name));
    expect(await applyMigrations(connection, migrations)).toEqual([]);
    expect(await select('SELECT id, position::int FROM events.log_head')).toEqual([{ id: 1, position: 0 }]);
  });
}

describe('migrations on the embedded database', () => {
  migrationSuite(() => openEmbeddedPostgres({}));
});

describeOnServers('migrations on a PostgreSQL server', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  const open = (databaseUrl: string) => openPostgresServer({ databaseUrl, onBrokenConnection: () => {} });

  migrationSuite(async () => open(await server.createDatabase()));

  test('of several processes that start at once one applies them, and the others wait for it', async () => {
    const url = await server.createDatabase();
    const processes = Array.from({ length: 4 }, () => open(url));
    const slow = { ...one, script: `${one.script} SELECT pg_sleep(0.3);` };
    const applied = await Promise.all(processes.map((connection) => applyMigrations(connection, [slow, two])));
    expect(applied.map((names) => names.length).sort()).toEqual([0, 0, 0, 2]);
    await Promise.all(processes.map((connection) => connection.close()));
  });
});
