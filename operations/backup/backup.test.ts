// A backup of an installation with people, documents, files and a log, restored into an empty one: the API answers the
// same, files have their bytes, and who follows the log goes on. What is broken or does not fit is refused.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectFolder } from '../../platform/project-folder.ts';
import { bloodPressure, mutations } from '../../tests/support/clinic.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { type GraphqlClient, signIn } from '../../tests/support/graphql-client.ts';
import { unpackMigratedDatabase } from '../../tests/support/migrated-archive.ts';
import { type Program, startProgram } from '../../tests/support/program.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres.ts';
import { type S3Server, startS3 } from '../servers/s3.ts';
import { freePort } from '../servers/throwaway-process.ts';

type Environment = Readonly<Record<string, string>>;

const admin = { email: 'admin@example.org', password: 'Correct-Horse-1' };
const passphrase = 'correct horse battery staple';
const patience = 900_000;

interface Installation {
  readonly url: string;
  readonly program: Program;
  readonly client: GraphqlClient;
}

async function startInstallation(environment: Environment): Promise<Installation> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram({
    script: 'gateway/main.js',
    url,
    environment: {
      ...{ PORT: `${port}`, DEMO: 'false', ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
      ...environment,
    },
  });
  return { url, program, client: await signIn(url, admin.email, admin.password) };
}

interface Answer {
  readonly code: number;
  readonly output: string;
}

/** Runs a command as an operator does. */
function run(command: 'backup' | 'restore', args: readonly string[], environment: Environment): Promise<Answer> {
  const script = join(projectFolder(), 'dist', 'operations', command, 'main.js');
  const env = { PATH: process.env.PATH ?? '', ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        output: stdout + stderr,
      }),
    );
  });
}

const definition = { ...bloodPressure, readMode: ['creator'] };

/** People, documents with a history, files of several sizes. */
async function fill(client: GraphqlClient): Promise<void> {
  for (const firstName of ['Jane', 'Karim', 'Pat']) {
    const input = { email: `${firstName}@example.org`, firstName, lastName: 'Other', password: admin.password };
    await client.run(mutations.createUser, { input });
  }
  await client.run(mutations.createGroup, { input: { name: 'Ward', description: 'A ward' } });
  await client.run(mutations.createRole, { input: { name: 'reader' } });
  await client.run(mutations.createSchema, { input: { name: 'readings', description: '', definition } });
  for (const systolic of [110, 120, 130]) {
    const input = { schemaName: 'readings', data: { systolic } };
    const { document } = (await client.run(mutations.createDocument, { input })).createDocument;
    await client.run(mutations.updateDocument, { input: { id: document.id, data: { systolic: systolic + 1 } } });
  }
  for (const size of [0, 5, 3_000_000]) {
    const { file, uploadUrl } = (await client.run(mutations.createFile, { input: { name: `${size}.bin` } })).createFile;
    const response = await fetch(uploadUrl, { method: 'PUT', body: Buffer.alloc(size, file.id) });
    expect(response.status).toBeLessThan(300);
  }
}

const everything = `{
  users(first: 100) { totalCount nodes { id email firstName createdAt updatedAt } }
  groups { nodes { id name description } }
  roles { nodes { id name permissions } }
  documentSchemas { nodes { id name definition } }
  documents(schemaName: "readings") {
    nodes { id data version createdAt updatedAt versions { nodes { version data } } }
  }
  files { nodes { id name size sha256 status downloadUrl } }
  events(first: 100) { nodes { id position type content } }
}`;

interface Seen {
  readonly files: { nodes: { sha256: string; downloadUrl: string }[] };
  readonly events: { nodes: { position: string; type: string; content: object }[] };
}

/** All that the API tells, with the bytes of files as their hashes. */
async function readEverything(client: GraphqlClient): Promise<Seen> {
  const seen: Seen = await client.run(everything);
  const files = await Promise.all(
    seen.files.nodes.map(async ({ downloadUrl, ...file }) => {
      const bytes = Buffer.from(await (await fetch(downloadUrl)).arrayBuffer());
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(sha256).toBe(file.sha256);
      return { ...file, downloadUrl: '' };
    }),
  );
  expect(files).toHaveLength(3);
  return { ...seen, files: { nodes: files } };
}

const follow = `subscription ($after: Position!) {
  documentChanged(schemaName: "readings", after: $after) { position kind documentId }
}`;

/** What who saw the first change gets from there on. */
async function resume(client: GraphqlClient, after: string, count: number): Promise<unknown[]> {
  const subscription = client.subscribe(follow, { after });
  const received = await subscription.waitFor(count);
  await subscription.close();
  return received.map(({ data }) => data.documentChanged);
}

async function expectToStartAnew(client: GraphqlClient, after: string): Promise<void> {
  const subscription = client.subscribe(follow, { after });
  await subscription.waitUntilEnded();
  expect(subscription.failure).toMatchObject([{ extensions: { code: 'RESYNC_REQUIRED' } }]);
}

/** Backs up what `source` holds, restores it to `target`, and compares. */
async function proveRoundTrip(places: {
  readonly folder: string;
  readonly source: Environment;
  readonly target: Environment;
  /** The embedded database is backed up while nothing runs. */
  readonly stopFirst: boolean;
}): Promise<void> {
  const { folder, source, target, stopFirst } = places;
  const one = await startInstallation(source);
  let before: Seen;
  let changes: unknown[];
  let first: string;
  let backup: Answer;
  try {
    await fill(one.client);
    // First the administrator gained sight of documents, then there are six changes of them.
    const [begin] = (await resume(one.client, '0', 7)) as { position: string }[];
    first = begin?.position ?? '';
    changes = await resume(one.client, first, 6);
    before = await readEverything(one.client);
    if (stopFirst) {
      const refused = await run('backup', [folder], source);
      expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('is in use by process') });
      await one.program.end();
    }
    backup = await run('backup', [folder], { ...source, BACKUP_PASSPHRASE: passphrase });
  } finally {
    await one.program.end();
  }
  expect(backup).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^Done: .* objects of files, the log up to/m),
  });
  expect(readdirSync(folder).toSorted()).toEqual(
    expect.arrayContaining(['bytes.tar', 'keys.json', 'manifest.json', 'manifest.json.sha256']),
  );

  const restore = await run('restore', [folder], target);
  expect(restore).toMatchObject({ code: 0, output: expect.stringMatching(/^Done, as of/m) });
  const again = await run('restore', [folder], target);
  expect(again).toMatchObject({ code: 1, output: expect.stringMatching(/not empty|holds a database already/) });

  const { BACKUP_PASSPHRASE: _onlyForRestore, ...settings } = target;
  const other = await startInstallation(settings);
  try {
    const after = await readEverything(other.client);
    // Signing in there is the one thing that happened since the restore.
    const { length } = before.events.nodes;
    const [restored, signIn, ...more] = after.events.nodes.slice(length);
    const lastBefore = before.events.nodes.at(-1)?.position ?? '';
    expect(restored).toMatchObject({ type: 'log_restored', content: { after: lastBefore } });
    expect([Number(signIn?.position), more]).toEqual([Number(restored?.position) + 1, []]);
    expect({ ...after, events: { nodes: after.events.nodes.slice(0, length) } }).toEqual(before);
    expect(await resume(other.client, first, 6)).toEqual(changes);
    // The log goes on where it was.
    const input = { schemaName: 'readings', data: { systolic: 140 } };
    const { document } = (await other.client.run(mutations.createDocument, { input })).createDocument;
    const last = (await resume(other.client, first, 7)).at(-1);
    expect(last).toMatchObject({ kind: 'CREATED', documentId: document.id });
    expect(Number((last as { position: string }).position)).toBeGreaterThan(Number(signIn?.position));
    expect(restore.output).toContain(`up to position ${lastBefore}, from where it goes on at ${restored?.position}`);
    // Who has followed the first installation for longer than until the backup has seen what is no more.
    await expectToStartAnew(other.client, `${Number(lastBefore) + 1}`);
  } finally {
    await other.program.end();
  }
}

describe('backup and restore of the embedded shape', () => {
  let folder: string;
  const inFolder = (name: string) => join(folder, name);
  const restored = (name: string): Environment => ({ DATA_DIR: inFolder(name), BACKUP_PASSPHRASE: passphrase });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'caregraph-backup-'));
    mkdirSync(inFolder('one'));
    await unpackMigratedDatabase(inFolder('one'));
    await proveRoundTrip({
      folder: inFolder('backup'),
      source: { DATA_DIR: inFolder('one') },
      target: restored('other'),
      stopFirst: true,
    });
  }, patience);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('what comes back is what was there, to the last byte and position, and the secret with it', () => {
    const secretOf = (name: string) => readFileSync(join(inFolder(name), 'service-secret'), 'utf8');
    expect(secretOf('other')).toBe(secretOf('one'));
    expect(readFileSync(join(inFolder('backup'), 'keys.json'), 'utf8')).not.toContain(secretOf('one').trim());
  });

  test(
    'a database that was put back by other means goes on far behind what may have been seen',
    async () => {
      cpSync(inFolder('other'), inFolder('recovered'), { recursive: true });
      const recover = (name: string) => run('restore', ['--recovered'], { DATA_DIR: inFolder(name) });
      const [one, two] = [await recover('recovered'), await recover('recovered')];
      const [, first] = /goes on at (\d+)\.$/m.exec(one.output) ?? [];
      expect([one.code, Number(first)]).toEqual([0, expect.any(Number)]);
      expect(two).toMatchObject({ code: 0, output: expect.stringContaining(`up to position ${first}, from where`) });
      expect(await recover('nowhere')).toMatchObject({
        code: 1,
        output: expect.stringContaining('There is no database in'),
      });
      const both = await run('restore', [inFolder('backup'), '--recovered'], restored('lost'));
      expect(both).toMatchObject({ code: 1, output: expect.stringContaining('Usage') });
      expect(existsSync(inFolder('lost'))).toBe(false);
    },
    patience,
  );

  test('a folder that is not empty, and a folder without a database, are refused', async () => {
    expect(await run('backup', [inFolder('backup')], { DATA_DIR: inFolder('one') })).toMatchObject({
      code: 1,
      output: expect.stringContaining('is not empty'),
    });
    const nowhere = { DATA_DIR: inFolder('nowhere'), SERVICE_SECRET: 'x'.repeat(32) };
    expect(await run('backup', [inFolder('none')], nowhere)).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no embedded database'),
    });
  });

  test(
    'without a passphrase the keys are left out, which it says, and the restore asks for them',
    async () => {
      const made = await run('backup', [inFolder('keyless')], { DATA_DIR: inFolder('one') });
      expect(made).toMatchObject({ code: 0, output: expect.stringContaining('The keys are NOT in it') });
      expect(existsSync(join(inFolder('keyless'), 'keys.json'))).toBe(false);
      expect(await run('restore', [inFolder('keyless')], restored('lost'))).toMatchObject({
        code: 1,
        output: expect.stringContaining('SERVICE_SECRET is needed'),
      });
      expect(existsSync(inFolder('lost'))).toBe(false);
    },
    patience,
  );

  test(
    'other keys, another passphrase and another shape are refused before anything is written',
    async () => {
      const refusals: [Environment, string][] = [
        [
          { ...restored('lost'), SERVICE_SECRET: 'another secret of more than 32 characters' },
          'SERVICE_SECRET is not the one',
        ],
        [{ ...restored('lost'), BACKUP_PASSPHRASE: 'another passphrase' }, 'BACKUP_PASSPHRASE is not the one'],
        [{ ...restored('lost'), DATABASE_URL: 'postgresql://127.0.0.1:1/none' }, 'restore it without DATABASE_URL'],
      ];
      for (const [environment, message] of refusals) {
        expect(await run('restore', [inFolder('backup')], environment)).toMatchObject({
          code: 1,
          output: expect.stringContaining(message),
        });
      }
      expect(existsSync(inFolder('lost'))).toBe(false);
    },
    patience,
  );

  test(
    'bytes that files need and the store has lost are named, and all else is backed up and comes back',
    async () => {
      cpSync(inFolder('one'), inFolder('holed'), { recursive: true });
      const files = join(inFolder('holed'), 'files');
      const isObject = (name: string) => /[\da-f-]{36}$/.test(name) && !name.endsWith('0'.repeat(12));
      const [object = ''] = readdirSync(files, { recursive: true, encoding: 'utf8' }).filter(isObject);
      rmSync(join(files, object));
      const environment = { DATA_DIR: inFolder('holed'), BACKUP_PASSPHRASE: passphrase };
      expect(await run('backup', [inFolder('partial')], environment)).toMatchObject({
        code: 2,
        output: expect.stringContaining('1 objects are MISSING from the store'),
      });
      const manifest = JSON.parse(readFileSync(join(inFolder('partial'), 'manifest.json'), 'utf8'));
      expect(manifest.bytes).toMatchObject({ missing: [basename(object)], deletedMeanwhile: [] });
      expect(await run('restore', [inFolder('partial')], restored('part'))).toMatchObject({
        code: 0,
        output: expect.stringContaining('1 objects of files were not in the backup'),
      });
    },
    patience,
  );

  test('the keys alone can be had from the backup', async () => {
    const { code } = await run('restore', [inFolder('backup'), '--keys', inFolder('keys.env')], restored('lost'));
    expect(code).toBe(0);
    const secret = readFileSync(join(inFolder('one'), 'service-secret'), 'utf8');
    expect(readFileSync(inFolder('keys.env'), 'utf8')).toBe(`SERVICE_SECRET=${secret}`);
  });

  test.each(['database.tar', 'bytes.tar', 'keys.json', 'manifest.json'])(
    'a bit of %s that is not as it was, and a backup without it, are refused',
    async (name) => {
      const broken = inFolder(`broken-${name}`);
      cpSync(inFolder('backup'), broken, { recursive: true });
      const bytes = readFileSync(join(broken, name));
      const middle = Math.floor(bytes.length / 2);
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      writeFileSync(join(broken, name), bytes);
      expect(await run('restore', [broken], restored('lost'))).toMatchObject({
        code: 1,
        output: expect.stringContaining(`The backup is damaged: ${name}`),
      });
      rmSync(join(broken, name));
      expect(await run('restore', [broken], restored('lost'))).toMatchObject({
        code: 1,
        output: expect.stringMatching(new RegExp(`${name} is missing`)),
      });
      expect(existsSync(inFolder('lost'))).toBe(false);
      rmSync(broken, { recursive: true });
    },
    patience,
  );

  test.each<[string, (manifest: { version: string; migrations: string[] }) => void]>([
    ['version', (manifest) => (manifest.version = '99.0.0')],
    ['set of migrations', (manifest) => manifest.migrations.push('29991231000000_not_yet')],
  ])('a newer %s is refused', async (_what, change) => {
    const newer = inFolder('newer');
    cpSync(inFolder('backup'), newer, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(newer, 'manifest.json'), 'utf8'));
    change(manifest);
    const text = JSON.stringify(manifest);
    writeFileSync(join(newer, 'manifest.json'), text);
    const sum = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(newer, 'manifest.json.sha256'), `${sum}  manifest.json\n`);
    expect(await run('restore', [newer], restored('lost'))).toMatchObject({
      code: 1,
      output: expect.stringContaining('The backup was made by version'),
    });
    rmSync(newer, { recursive: true });
  });
});

describeOnServers('backup and restore on a server', ['postgres'], () => {
  let postgres: PostgresServer;
  let stores: S3Server[];
  const secrets = {
    SERVICE_SECRET: 'a secret of this test of more than 32 characters',
    FILE_KEYS: `own:${Buffer.alloc(32, 7).toString('base64')}`,
  };
  const folder = mkdtempSync(join(tmpdir(), 'caregraph-backup-'));

  beforeAll(async () => {
    [postgres, ...stores] = await Promise.all([startPostgres(), startS3(), startS3()]);
  }, patience);
  afterAll(async () => {
    await Promise.all([postgres?.stop(), ...(stores ?? []).map((store) => store.stop())]);
    rmSync(folder, { recursive: true, force: true });
  }, patience);

  const place = async (store: number): Promise<Environment> => ({
    ...secrets,
    DATABASE_URL: await postgres.createDatabase(),
    DATA_DIR: join(folder, `data-${store}`),
    ...stores[store]?.environment,
  });

  test(
    'while it runs: what comes back is what was there, in another database and another bucket',
    async () => {
      const [source, target] = [await place(0), await place(1)];
      await proveRoundTrip({ folder: join(folder, 'backup'), source, target, stopFirst: false });

      const running = await startInstallation(target);
      try {
        expect(await run('restore', ['--recovered'], target)).toMatchObject({
          code: 1,
          output: expect.stringContaining('A program uses the database: stop it first.'),
        });
      } finally {
        await running.program.end();
      }
      expect(await run('restore', ['--recovered'], target)).toMatchObject({ code: 0 });

      const { FILE_KEYS: _lost, ...withoutKeys } = await place(1);
      expect(await run('restore', [join(folder, 'backup')], withoutKeys)).toMatchObject({
        code: 1,
        output: expect.stringContaining('FILE_KEYS does not have the keys'),
      });
    },
    patience,
  );
});
