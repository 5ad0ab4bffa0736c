// A process of services that starts before what it stands on.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { preparePostgres } from '../../operations/servers/postgres.ts';
import { prepareRedis } from '../../operations/servers/redis.ts';
import type { PreparedServer, ServerProcess } from '../../operations/servers/throwaway-process.ts';
import { freePort, runServer, temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import { describeOnServers } from '../support/describe-on-servers.ts';
import { pollUntil } from '../support/poll-until.ts';
import type { Program } from '../support/program.ts';
import { startProgram } from '../support/program.ts';

const patience = 240_000;

describeOnServers('a process of services', ['postgres', 'redis'], () => {
  let dataDir: string;
  let postgres: PreparedServer;
  let redis: PreparedServer;
  let program: Program;
  let url: string;
  const running: ServerProcess[] = [];
  beforeEach(async () => {
    dataDir = temporaryFolder('data');
    [postgres, redis] = await Promise.all([preparePostgres(), prepareRedis()]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    program = await startProgram({
      script: 'subgraphs/main.js',
      environment: {
        PORT: `${port}`,
        DATA_DIR: dataDir,
        SUBGRAPHS: 'auth,users,events',
        PUBLIC_URL: url,
        SERVICE_SECRET: 'tests sign with this secret of more than 32 characters',
        DATABASE_URL: postgres.url,
        REDIS_URL: redis.url,
      },
    });
  }, patience);
  afterEach(async () => {
    await program?.end('SIGKILL');
    await Promise.all(running.splice(0).map((server) => server.end('SIGKILL')));
    postgres.remove();
    redis.remove();
    await rm(dataDir, { recursive: true, force: true });
  });

  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  test(
    'that waits for the database ends in order when it is told to',
    async () => {
      await pollUntil(
        () => get('/healthz'),
        ({ status }) => status === 200,
      );
      expect(await program.end()).toBe(0);
    },
    patience,
  );

  test(
    'says what it waits for, and starts by itself when that comes, in whatever order',
    async () => {
      await pollUntil(
        () => get('/healthz'),
        ({ status }) => status === 200,
      );
      expect(await get('/readyz')).toEqual({ status: 503, body: { ready: false, parts: { database: 'unavailable' } } });
      expect(await get('/subgraphs/users/contract')).toMatchObject({
        status: 503,
        body: { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', details: { service: 'database' } } }] },
      });
      expect(program.output().match(/waiting for the database/g)).toHaveLength(1);

      running.push(await runServer(postgres));
      const started = await pollUntil(
        () => get('/readyz'),
        ({ status }) => status === 200,
      );
      expect(started.body).toMatchObject({ ready: true, parts: { database: 'ok', bus: 'unavailable' } });

      running.push(await runServer(redis));
      await pollUntil(
        () => get('/readyz'),
        ({ body }) => (body.parts as { bus: string }).bus === 'ok',
      );
    },
    patience,
  );
});
