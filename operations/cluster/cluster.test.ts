// A whole cluster on this machine: every process of it can be killed and comes back, and nothing is left of it.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectFolder } from '../../platform/project-folder.ts';
import { bloodPressure, mutations } from '../../tests/support/clinic.ts';
import { describeOnServers } from '../../tests/support/describe-on-servers.ts';
import { createGraphqlClient, signIn } from '../../tests/support/graphql-client.ts';
import { freePort } from '../servers/throwaway-process.ts';
import { type Cluster, startCluster } from './start-cluster.ts';
import { type ClusterRole, roles } from './topology.ts';

const patience = 600_000;

/** Whether a process runs. */
function isThere(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

describeOnServers('a cluster', ['postgres', 'redis'], () => {
  let cluster: Cluster;
  let stopped = false;
  beforeAll(async () => {
    cluster = await startCluster();
  }, patience);
  afterAll(async () => {
    if (!stopped) await cluster?.stop();
  }, patience);

  const admin = () => signIn(cluster.url, cluster.admin.email, cluster.admin.password);

  test(
    'answers at one address, with events over WebSocket, files in its store and mail in its folder',
    async () => {
      const client = await admin();
      const definition = { ...bloodPressure, readMode: ['creator'] };
      const schemaName = 'readings';
      await client.run(mutations.createSchema, { input: { name: schemaName, description: '', definition } });
      const live = client.subscribe(
        'subscription { documentChanged(schemaName: "readings", after: "0") { documentId } }',
      );
      const { document } = (
        await client.run(mutations.createDocument, { input: { schemaName, data: { systolic: 120 } } })
      ).createDocument;
      // First comes that the administrator gained sight of documents, in general.
      const [, received] = await live.waitFor(2);
      expect(received?.data.documentChanged.documentId).toBe(document.id);
      await live.close();

      const { uploadUrl } = (
        await client.run(mutations.createFile, { input: { name: 'a.txt', mimeType: 'text/plain' } })
      ).createFile;
      expect(uploadUrl).toMatch(new RegExp(`^${cluster.url}/`));
      expect((await fetch(uploadUrl, { method: 'PUT', body: 'hello' })).status).toBeLessThan(300);

      const input = { email: 'ann@example.org', firstName: 'Ann', lastName: 'Other', password: 'Correct-Horse-2' };
      const register = 'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id } } }';
      await createGraphqlClient(cluster.url).run(register, { input: { ...input, phoneNumber: '+32 2 000 00 00' } });
      const mails = () => readdirSync(cluster.mailFolder).filter((name) => name.endsWith('.eml'));
      for (const deadline = Date.now() + 30_000; mails().length === 0 && Date.now() < deadline; ) await pause(50);
      expect(mails()).toHaveLength(1);
    },
    patience,
  );

  test.each<readonly ClusterRole[]>([
    ['postgres'],
    ['redis', 'store', 'mail'],
    ['accounts', 'records', 'events'],
    ['gateway-1', 'balancer'],
    ['gateway-2'],
  ])(
    '%s %s %s: killed they come back, and what was written before is there',
    async (...killed) => {
      const of = (role: ClusterRole) => cluster.processes().find((one) => one.role === role);
      const before = killed.map(of);
      await Promise.all(killed.map((role) => cluster.kill(role)));
      expect(before.some((one) => isThere(one?.pid))).toBe(false);
      await cluster.waitUntilReady();
      for (const one of before) expect(of(one?.role ?? 'mail')?.starts).toBeGreaterThan(one?.starts ?? 0);
      const { documents } = await (await admin()).run('{ documents(schemaName: "readings") { totalCount } }');
      expect(documents.totalCount).toBe(1);
    },
    patience,
  );

  test(
    'one that is halted stays away until it is resumed, and the other gateway goes on',
    async () => {
      await cluster.halt('gateway-1');
      await expect(cluster.waitUntilReady({ milliseconds: 2_000 })).rejects.toThrow(/^gateway-1 is not ready in time/);
      expect(cluster.processes().find(({ role }) => role === 'gateway-1')?.pid).toBeUndefined();
      await admin();
      cluster.resume('gateway-1');
      await cluster.waitUntilReady();
    },
    patience,
  );

  test(
    'nothing is left of it once it is stopped',
    async () => {
      const pids = cluster.processes().map(({ pid }) => pid);
      expect(pids.every(isThere)).toBe(true);
      await cluster.stop();
      stopped = true;
      expect(pids.some(isThere)).toBe(false);
      expect(existsSync(dirname(cluster.mailFolder))).toBe(false);
      await expect(fetch(cluster.url)).rejects.toThrow();
    },
    patience,
  );

  const runCommand = (environment: Readonly<Record<string, string>>) => {
    const script = join(projectFolder(), 'dist/operations/cluster/main.js');
    const command = spawn(process.execPath, [script], {
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written = { out: '', err: '' };
    command.stdout.on('data', (chunk: Buffer) => {
      written.out += chunk.toString('utf8');
    });
    command.stderr.on('data', (chunk: Buffer) => {
      written.err += chunk.toString('utf8');
    });
    const ended = new Promise<number | null>((resolve) => command.once('exit', resolve));
    return { command, written, ended };
  };

  test(
    'a part that does not start is named with what it wrote, and nothing is left of the others',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'caregraph-failing-cluster-'));
      // The servers run as a user of their own.
      chmodSync(folder, 0o755);
      const { written, ended } = runCommand({ TMPDIR: folder, PORT: '0', SERVICE_SECRET: 'too short' });
      expect(await ended).toBe(1);
      expect(written.err).toMatch(/does not start:[\s\S]*SERVICE_SECRET: at least 32 characters/);
      expect(readdirSync(folder)).toEqual([]);
      rmSync(folder, { recursive: true });
    },
    patience,
  );

  test(
    'the command ends with Ctrl-C, and at once with a second one, and leaves nothing',
    async () => {
      const port = await freePort();
      const { command, written, ended } = runCommand({ PORT: `${port}` });
      const deadline = Date.now() + 500_000;
      while (!written.out.includes('Caregraph is ready') && Date.now() < deadline) await pause(50);
      expect(written.out).toContain(`http://127.0.0.1:${port}/graphiql`);
      const pids = [...(/Processes: +(.*)/.exec(written.out)?.[1] ?? '').matchAll(/ (\d+)/g)].map(([, pid]) =>
        Number(pid),
      );
      expect(pids).toHaveLength(roles.length);
      command.kill('SIGINT');
      command.kill('SIGINT');
      await ended;
      for (const gone = Date.now() + 30_000; pids.some(isThere) && Date.now() < gone; ) await pause(50);
      expect(pids.some(isThere)).toBe(false);
      const mailFolder = /Mail, a file each: +(\S+)/.exec(written.out)?.[1] ?? '';
      expect(existsSync(dirname(mailFolder))).toBe(false);
    },
    patience,
  );

  test(
    'the command says when its port is taken',
    async () => {
      const other = createServer();
      const port = await new Promise<number>((resolve) =>
        other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
      );
      try {
        await expect(startCluster({ port })).rejects.toThrow(`Port ${port} is taken`);
      } finally {
        other.close();
      }
    },
    patience,
  );
});
