// Starting and stopping, as a person does who has just installed it.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort, temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import { permissionNames } from '../../platform/access/permissions.ts';
import { createGraphqlClient, signIn } from '../support/graphql-client.ts';
import type { Program } from '../support/program.ts';
import { startProgram } from '../support/program.ts';

const patience = 300_000;

describe('the program', () => {
  let dataDir: string;
  const programs: Program[] = [];
  beforeEach(() => {
    dataDir = temporaryFolder('data');
  });
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.end()));
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = async (environment: Record<string, string> = {}): Promise<Program & { url: string }> => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const program = await startProgram({
      script: 'gateway/main.js',
      url,
      environment: { NODE_ENV: 'development', PORT: `${port}`, DATA_DIR: dataDir, ...environment },
    });
    programs.push(program);
    return { ...program, url };
  };
  const signInsOf = (output: string) =>
    [...output.matchAll(/^ {4}(\S+@\S+) +(\S+) +(.+)$/gm)].map(([, email = '', password = '', who = '']) => ({
      email,
      password,
      who,
    }));

  test('names every fault of its configuration, without a stack, and does not start', async () => {
    const environment = { PORT: 'many', DATA_DIR: dataDir, ADMIN_EMAIL: 'x', SUBGRAPHS: 'users,unknown' };
    const program = await startProgram({ script: 'gateway/main.js', environment });
    expect(await program.exited).toBe(1);
    for (const name of ['PORT', 'ADMIN_EMAIL', 'SUBGRAPHS']) expect(program.output()).toContain(name);
    expect(program.output()).not.toMatch(/^\s+at /m);
  });

  test('needs a secret, a database and Redis where services run on their own', async () => {
    const gateway = await startProgram({
      script: 'gateway/main.js',
      environment: { SUBGRAPH_URLS: 'users=http://127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1', DATA_DIR: dataDir },
    });
    expect([await gateway.exited, gateway.output()]).toEqual([1, expect.stringContaining('SERVICE_SECRET')]);
    const services = await startProgram({ script: 'subgraphs/main.js', environment: { DATA_DIR: dataDir } });
    expect([await services.exited, services.output()]).toEqual([1, expect.stringContaining('DATABASE_URL')]);
  });

  test(
    'shows the demo clinic at its first start only, and keeps its state',
    async () => {
      const first = await start();
      expect(first.output()).toContain(`${first.url}/graphiql`);
      const signIns = signInsOf(first.output());
      expect(signIns.map(({ who }) => who)).toEqual(expect.arrayContaining([expect.stringContaining('administrator')]));
      for (const { email, password } of signIns) await signIn(first.url, email, password);
      const jane = signIns.find(({ email }) => email.startsWith('jane'));
      const pressures =
        '{ documents(schemaName: "blood-pressure") { totalCount nodes { data creator { firstName } } } }';
      const { documents } = await (await signIn(first.url, jane?.email ?? '', jane?.password ?? '')).run(pressures);
      expect(documents.totalCount).toBe(3);
      expect(documents.nodes[0].creator).toEqual({ firstName: 'Pat' });
      expect(await first.end()).toBe(0);

      const second = await start();
      expect(signInsOf(second.output())).toEqual([]);
      const again = await signIn(second.url, jane?.email ?? '', jane?.password ?? '');
      expect((await again.run(pressures)).documents.totalCount).toBe(3);
    },
    patience,
  );

  test(
    'creates the first administrator, who holds every permission, and no clinic without DEMO',
    async () => {
      const environment = { DEMO: 'false', ADMIN_EMAIL: 'Root@Example.org', ADMIN_PASSWORD: 'Correct-Horse-1' };
      const { url, output } = await start(environment);
      expect(signInsOf(output())).toEqual([]);
      const root = await signIn(url, 'root@example.org', 'Correct-Horse-1');
      const { me, groups } = await root.run('{ me { roles { permissions } } groups { totalCount } }');
      expect(me.roles[0].permissions).toEqual([...permissionNames].sort());
      expect(groups.totalCount).toBe(0);
    },
    patience,
  );

  test(
    'does not share its data directory with a second process',
    async () => {
      await start({ DEMO: 'false' });
      await expect(start({ DEMO: 'false' })).rejects.toThrow(/another process|in use/i);
    },
    patience,
  );

  test(
    'keeps what was acknowledged when it is killed',
    async () => {
      const environment = { DEMO: 'false', ADMIN_EMAIL: 'root@example.org', ADMIN_PASSWORD: 'Correct-Horse-1' };
      const first = await start(environment);
      const root = await signIn(first.url, 'root@example.org', 'Correct-Horse-1');
      await root.run('mutation { createGroup(input: { name: "Kept" }) { group { id } } }');
      await first.end('SIGKILL');
      const second = await start(environment);
      const again = await signIn(second.url, 'root@example.org', 'Correct-Horse-1');
      expect((await again.run('{ groups { nodes { name } } }')).groups.nodes).toEqual([{ name: 'Kept' }]);
    },
    patience,
  );

  test(
    'hides GraphiQL and introspection in production unless they are enabled',
    async () => {
      const introspect = '{ __schema { queryType { name } } }';
      const production = await start({ NODE_ENV: 'production', HOST: '127.0.0.1' });
      expect(signInsOf(production.output())).toEqual([]);
      expect((await fetch(`${production.url}/graphiql`)).status).toBe(404);
      const refused = await createGraphqlClient(production.url).ask(introspect);
      expect(refused.errors?.[0]?.message).toMatch(/introspection/i);
      const guess = await createGraphqlClient(production.url).ask('{ mee { id } }');
      expect(guess.errors?.[0]?.message).not.toMatch(/did you mean/i);
      await production.end();
      const enabled = await start({ NODE_ENV: 'production', HOST: '127.0.0.1', GRAPHIQL: 'true' });
      expect((await fetch(`${enabled.url}/graphiql`)).status).toBe(200);
      expect((await createGraphqlClient(enabled.url).run(introspect)).__schema.queryType.name).toBe('Query');
    },
    patience,
  );

  test(
    'answers health, readiness and metrics',
    async () => {
      const { url } = await start({ DEMO: 'false' });
      expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
      expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
        ready: true,
        parts: { gateway: 'ok', database: 'ok', bus: 'ok', files: 'ok' },
      });
      await createGraphqlClient(url).run('query Who { me { id } }');
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(
        /caregraph_operation_duration_seconds_count\{operation="Who",type="query",outcome="ok"\} 1/,
      );
    },
    patience,
  );
});
