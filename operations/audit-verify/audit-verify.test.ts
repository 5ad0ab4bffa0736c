// `npm run audit:verify` as an operator runs it, on an embedded database and on a server.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessEntry } from '../../platform/access-log/access-entry.ts';
import { type OpenDatabase, openDatabase } from '../../platform/database/open-database.ts';
import { newId } from '../../platform/ids.ts';
import { projectFolder } from '../../platform/project-folder.ts';
import { appendEntries } from '../../subgraphs/events/access-log/append-entries.ts';
import { createChain } from '../../subgraphs/events/access-log/chain.ts';
import type { AccessLogTable } from '../../subgraphs/events/access-log/store.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { unpackMigratedDatabase } from '../../tests/support/migrated-archive.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres.ts';

const secret = 'a secret of more than 32 characters, for tests';

function verify(environment: Readonly<Record<string, string>>, ...args: string[]) {
  const script = join(projectFolder(), 'dist', 'operations', 'audit-verify', 'main.js');
  const env = { PATH: process.env.PATH ?? '', SERVICE_SECRET: secret, ...environment };
  return new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
    );
  });
}

async function append(database: OpenDatabase, count: number): Promise<void> {
  const entries = Array.from(
    { length: count },
    (_, index): AccessEntry => ({
      ...{ id: newId(), timestamp: Date.now(), httpStatus: 200, duration: index, userId: newId(), applicationId: null },
      ...{ userAddress: '192.0.2.1', host: 'localhost', request: 'POST /graphql HTTP/1.1', responseBodySize: 1 },
      ...{ userAgent: '', operationName: null, rootFields: ['me'], errorCodes: [], requestId: `${index}` },
    }),
  );
  await appendEntries(database.forService<AccessLogTable>('events'), createChain(secret), entries);
}

const suite = (place: () => { environment: Record<string, string>; databaseUrl?: string; dataDir: string }) => {
  /** The embedded database is open to one process at a time. */
  const change = async (work: (database: OpenDatabase) => Promise<unknown>) => {
    const { databaseUrl, dataDir } = place();
    const database = await openDatabase({ databaseUrl, dataDir, log: { info: () => {}, warn: () => {} } });
    await work(database).finally(() => database.close());
  };

  test('finds a log as it was written, and later what was done to it', async () => {
    const { environment } = place();
    expect(await verify(environment)).toMatchObject({ code: 0, output: expect.stringMatching(/: 0 entries were/) });
    await change((database) => append(database, 3));
    const good = await verify(environment);
    expect(good).toMatchObject({ code: 0, output: expect.stringMatching(/^The access log is as it was written: 3 /) });
    const anchor = good.output.trimEnd().split('\n').at(-1) ?? '';
    expect(anchor).toMatch(/^3:[\da-f]{64}$/);
    await change((database) => append(database, 2));
    expect(await verify(environment, anchor)).toMatchObject({ code: 0 });

    expect(await verify({ ...environment, SERVICE_SECRET: `${secret} of others` })).toMatchObject({ code: 1 });
    const other = await verify(
      environment,
      anchor.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    );
    expect(other).toMatchObject({ code: 1, output: expect.stringContaining('Entry 3 is not the one that was noted') });
    await change(({ connection }) =>
      connection.transaction((transaction) => transaction.run('DELETE FROM events.access_log WHERE sequence = 2')),
    );
    const tampered = await verify(environment);
    expect(tampered.code).toBe(1);
    expect(tampered.output).toMatch(/^Entry 2 is missing\.\nThe access log was TAMPERED WITH: 4 entries were verified/);
  });

  test('says how it is used', async () => {
    for (const args of [['3'], ['3:abc'], ['x:y', 'z']]) {
      expect(await verify(place().environment, ...args)).toMatchObject({
        code: 1,
        output: expect.stringMatching(/^Usage: npm run audit:verify/),
      });
    }
  });
};

describe('verifying the access log of the embedded shape', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'caregraph-audit-'));
    await unpackMigratedDatabase(dataDir);
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));
  suite(() => ({ environment: { DATA_DIR: dataDir }, dataDir }));

  test('says that there is no database', async () => {
    const environment = { DATA_DIR: join(dataDir, 'nowhere') };
    expect(await verify(environment)).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no database'),
    });
  });
});

describeOnServers('verifying the access log of a server', ['postgres'], () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
    const [databaseUrl, dataDir] = [postgres.url, tmpdir()];
    await (await openDatabase({ databaseUrl, dataDir, log: { info: () => {}, warn: () => {} } })).close();
  }, 300_000);
  afterAll(() => postgres?.stop());
  suite(() => ({ environment: { DATABASE_URL: postgres.url }, databaseUrl: postgres.url, dataDir: tmpdir() }));
});
