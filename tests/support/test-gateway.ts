// A gateway of its own process in front of test services `users` and `files`, with a real Redis.
import { rm } from 'node:fs/promises';
import type { RedisServer } from '../../operations/servers/redis.ts';
import { startRedis } from '../../operations/servers/redis.ts';
import { freePort, temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import type { GraphqlAnswer } from './graphql-client.ts';
import { createGraphqlClient } from './graphql-client.ts';
import type { Program } from './program.ts';
import { startProgram } from './program.ts';
import type { TestService, TestServiceShape } from './test-service.ts';
import { createTestService } from './test-service.ts';

export interface TestGateway {
  readonly url: string;
  readonly dataDir: string;
  readonly redis: RedisServer;
  readonly users: TestService;
  readonly files: TestService;
  /** Starts the gateway, with these environment variables besides. `waiting` does not wait until it is ready. */
  start(environment?: Readonly<Record<string, string>>, options?: { readonly waiting: boolean }): Promise<Program>;
  ask(query: string): Promise<GraphqlAnswer>;
  readiness(): Promise<{ readonly ready: boolean; readonly parts: Readonly<Record<string, string>> }>;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

const secret = 'tests sign with this secret of more than 32 characters';

export async function createTestGateway(): Promise<TestGateway> {
  const [redis, users, files, port] = await Promise.all([
    startRedis(),
    createTestService('users', secret),
    createTestService('files', secret),
    freePort(),
  ]);
  const dataDir = temporaryFolder('data');
  const url = `http://127.0.0.1:${port}`;
  let program: Program | undefined;
  return {
    url,
    dataDir,
    redis,
    users,
    files,
    async start(environment = {}, { waiting } = { waiting: false }) {
      await program?.end();
      program = await startProgram({
        script: 'gateway/main.js',
        ...(waiting ? {} : { url }),
        environment: {
          PORT: `${port}`,
          DATA_DIR: dataDir,
          SERVICE_SECRET: secret,
          REDIS_URL: redis.url,
          SUBGRAPH_URLS: `users=${users.url},files=${files.url}`,
          ...environment,
        },
      });
      return program;
    },
    ask: (query) => createGraphqlClient(url).ask(query),
    readiness: async () => (await fetch(`${url}/readyz`)).json() as never,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    async close() {
      await program?.end();
      await Promise.all([users.stop(), files.stop()]);
      await redis.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A service of persons, and what else it has. */
export function usersService(more = '', resolvers: Record<string, () => unknown> = {}): TestServiceShape {
  return {
    contract: `type Query { person: Person ${more} } type Person @key(fields: "id") { id: ID! name: String! }`,
    resolvers: { Query: { person: () => ({ id: '1', name: 'Ada' }), ...resolvers } },
  };
}

/** A service of letters, which adds to persons. */
export function filesService(more = '', resolvers: Record<string, () => unknown> = {}): TestServiceShape {
  return {
    contract: `type Query { letter: String ${more} } type Person @key(fields: "id") { id: ID! letters: [String!] }`,
    resolvers: {
      Query: { letter: () => 'Dear reader', ...resolvers },
      Person: { __resolveReference: (person) => person, letters: () => ['Dear Ada'] },
    },
  };
}
