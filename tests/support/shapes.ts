// The shapes that the program runs in, each with real processes: acceptance scenarios run on every one of them.

import { rm } from 'node:fs/promises';
import { describe } from '@jest/globals';
import type { PostgresServer } from '../../operations/servers/postgres.ts';
import type { RedisServer } from '../../operations/servers/redis.ts';
import { startRedis } from '../../operations/servers/redis.ts';
import { freePort, temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import { describeOnServers } from './describe-on-servers.ts';
import { unpackMigratedDatabase } from './migrated-archive.ts';
import { startMigratedPostgres } from './migrated-server.ts';
import type { Program } from './program.ts';
import { startProgram } from './program.ts';

export interface Shape {
  /** Where the gateway is, without a slash at the end. */
  readonly url: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** In the distributed shape: where a service's own process listens, and what calls to it are signed with. */
  readonly services?: { readonly secret: string; urlOf(service: string): string };
  /** The data directory of its processes. */
  readonly dataDir: string;
  /** What the processes have written since they were started last. */
  output(): string;
  /**
   * Ends the processes as an operator would and starts them on the same data at the same addresses, with what they were
   * started with first and these environment variables besides; those of a restart before are gone. Replicas stay away.
   */
  restart(environment?: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** Gateways in front of services in processes of their own. */
export interface DistributedShape extends Shape {
  readonly services: NonNullable<Shape['services']>;
  readonly redis: RedisServer;
  /** One more gateway in front of the same services, known to clients by the same PUBLIC_URL. Answers where it is. */
  startReplica(): Promise<string>;
}

export type StartShape = (environment?: Readonly<Record<string, string>>) => Promise<Shape>;
export type StartDistributedShape = (environment?: Readonly<Record<string, string>>) => Promise<DistributedShape>;

const admin = { email: 'admin@example.org', password: 'Correct-Horse-1' };
const serviceSecret = 'tests sign with this secret of more than 32 characters';

export type DescribeOnShapes = (name: string, suite: (start: StartShape) => void) => void;

/** Runs the suite on every shape; `start` starts a fresh one. */
export function describeOnEachShape(name: string, suite: (start: StartShape) => void): void {
  describeOnAllInOne(name, suite);
  describeOnDistributedShape(name, suite);
}

export function describeOnAllInOne(name: string, suite: (start: StartShape) => void): void {
  describe(`${name} (all in one)`, () => suite(startAllInOne));
}

/** Runs the suite on the distributed shape alone: for what needs more than one gateway. */
export function describeOnDistributedShape(name: string, suite: (start: StartDistributedShape) => void): void {
  describeOnServers(`${name} (distributed)`, ['postgres', 'redis'], () => suite(startDistributed));
}

export const startAllInOne: StartShape = async (environment = {}) => {
  const dataDir = temporaryFolder('data');
  await unpackMigratedDatabase(dataDir);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const run = (more: Readonly<Record<string, string>> = {}) =>
    startProgram({
      script: 'gateway/main.js',
      url,
      environment: {
        PORT: `${port}`,
        DATA_DIR: dataDir,
        DEMO: 'false',
        ADMIN_EMAIL: admin.email,
        ADMIN_PASSWORD: admin.password,
        ...environment,
        ...more,
      },
    });
  let program = await run();
  return {
    url,
    admin,
    dataDir,
    output: () => program.output(),
    async restart(more) {
      await program.end();
      program = await run(more);
    },
    async close() {
      await program.end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** A gateway and two processes of services, as an operator would group them. */
const groups = [
  ['auth', 'users', 'events'],
  ['data', 'files'],
] as const;

export const startDistributed: StartDistributedShape = async (environment = {}) => {
  const [postgres, redis] = await Promise.all([startMigratedPostgres(), startRedis()]);
  const ports = await Promise.all([freePort(), ...groups.map(() => freePort())]);
  const [gatewayPort = 0, ...servicePorts] = ports;
  const url = `http://127.0.0.1:${gatewayPort}`;
  const urlOf = (service: string) => {
    const group = groups.findIndex((names) => (names as readonly string[]).includes(service));
    return `http://127.0.0.1:${servicePorts[group]}`;
  };
  const dataDir = temporaryFolder('data');
  const shared = {
    SUBGRAPH_URLS: groups
      .flat()
      .map((name) => `${name}=${urlOf(name)}`)
      .join(','),
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SERVICE_SECRET: serviceSecret,
    PUBLIC_URL: url,
    DATA_DIR: dataDir,
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    ...environment,
  };
  const startGateway = (port: number, more: Readonly<Record<string, string>> = {}) =>
    startProgram({
      script: 'gateway/main.js',
      url: `http://127.0.0.1:${port}`,
      environment: { ...shared, ...more, PORT: `${port}` },
    });
  let programs: Program[] = [];
  const run = async (more: Readonly<Record<string, string>> = {}): Promise<void> => {
    // All at once: in which order they start must not matter.
    const starting = [
      startGateway(gatewayPort, more),
      ...groups.map((names, index) =>
        startProgram({
          script: 'subgraphs/main.js',
          url: `http://127.0.0.1:${servicePorts[index]}`,
          environment: { ...shared, ...more, SUBGRAPHS: names.join(','), PORT: `${servicePorts[index]}` },
        }),
      ),
    ];
    const started = await Promise.allSettled(starting);
    programs = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failure = started.find((one) => one.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  };
  const close = () => closeAll(programs, [postgres, redis], dataDir);
  try {
    await run();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url,
    admin,
    dataDir,
    services: { secret: serviceSecret, urlOf },
    redis,
    async startReplica() {
      const port = await freePort();
      programs.push(await startGateway(port));
      return `http://127.0.0.1:${port}`;
    },
    output: () => programs.map((program) => program.output()).join(''),
    async restart(more) {
      await Promise.all(programs.map((program) => program.end()));
      await run(more);
    },
    close,
  };
};

async function closeAll(
  programs: readonly Program[],
  servers: readonly (PostgresServer | RedisServer)[],
  dataDir: string,
): Promise<void> {
  await Promise.all(programs.map((program) => program.end()));
  await Promise.all(servers.map((server) => server.stop()));
  await rm(dataDir, { recursive: true, force: true });
}
