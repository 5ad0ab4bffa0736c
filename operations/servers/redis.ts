// A throwaway Redis server from the binary on the machine: prepared for somebody else to run, or run here. It keeps
// nothing on disk: a restart is a loss of everything.
import { Redis } from 'ioredis';
import {
  findProgram,
  freePort,
  type PreparedServer,
  removeFolder,
  runServer,
  type ServerProcess,
  temporaryFolder,
} from './throwaway-process.ts';

export interface RedisServer {
  readonly url: string;
  /** Ends the server; `restart` brings it back empty, on the same port. */
  crash(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The program of the server (Redis or Valkey); undefined when it is not installed. */
export function findRedis(): string | undefined {
  return findProgram('redis-server', []) ?? findProgram('valkey-server', []);
}

export async function prepareRedis(): Promise<PreparedServer> {
  const program = findRedis();
  if (program === undefined) throw new Error('Redis is not installed');
  const folder = temporaryFolder('redis');
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    program,
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    folder,
    isReady: () => answers(url),
    remove: () => removeFolder(folder),
  };
}

export async function startRedis(): Promise<RedisServer> {
  const prepared = await prepareRedis();
  const start = () => runServer(prepared);
  let server: ServerProcess = await start();
  return {
    url: prepared.url,
    crash: () => server.end('SIGKILL'),
    async restart() {
      server = await start();
    },
    async stop() {
      await server.end('SIGKILL');
      prepared.remove();
    },
  };
}

async function answers(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}
