// A throwaway PostgreSQL server from the binaries on the machine: prepared for somebody else to run, or run here.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  findProgram,
  freePort,
  type PreparedServer,
  removeFolder,
  runServer,
  type ServerProcess,
  temporaryFolder,
  unprivilegedUser,
} from './throwaway-process.ts';

export interface PostgresServer {
  /** The address of a new, empty database. */
  createDatabase(): Promise<string>;
  /** The address of the database that every server has. */
  readonly url: string;
  /** Ends the server as a crash would; `restart` brings it back with what was committed. */
  crash(): Promise<void>;
  restart(): Promise<void>;
  /** Ends the server and removes everything. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Settings on top of those for tests, for example `{ timezone: 'Asia/Tokyo' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A tar file of the data of a server that was shut down, to begin with. Whoever runs the server must be able to read it. */
  readonly archive?: string;
}

// Without fsync a crash of the server loses nothing, only one of the machine would.
const testSettings = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '32MB',
  listen_addresses: '127.0.0.1',
};

/** The folder of PostgreSQL's programs; undefined when it is not installed. The newest version wins. */
export function findPostgres(): string | undefined {
  const initdb = findPostgresProgram('initdb');
  return initdb === undefined ? undefined : join(initdb, '..');
}

/** One of PostgreSQL's programs; undefined when it is not installed. The newest version wins. */
export function findPostgresProgram(name: string): string | undefined {
  return findProgram(name, debianFolders());
}

/** With an empty database of its own at `url`. */
export async function preparePostgres({ settings = {}, archive }: PostgresOptions = {}): Promise<PreparedServer> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  const user = unprivilegedUser();
  const folder = temporaryFolder('postgres', user);
  const data = join(folder, 'data');
  const run = (program: string, args: string[]) => promisify(execFile)(program, args, { cwd: folder, ...user });
  if (archive === undefined) {
    const initArgs = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
    await run(join(programs, 'initdb'), initArgs);
  } else {
    await run('mkdir', ['-m', '700', data]);
    await run('tar', ['-xf', archive, '-C', data]);
  }

  const port = await freePort();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const options = Object.entries({ ...testSettings, ...settings, port: `${port}`, unix_socket_directories: folder });
  return {
    url,
    program: join(programs, 'postgres'),
    args: ['-D', data, ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    folder,
    user,
    isReady: () => execute(url, 'SELECT 1'),
    remove: () => removeFolder(folder),
  };
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const prepared = await preparePostgres(options);
  const { url } = prepared;
  const start = () => runServer(prepared);
  let server: ServerProcess = await start();
  let databases = 0;
  return {
    url,
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      await execute(url, `CREATE DATABASE ${name}`);
      return new URL(`/${name}`, url).href;
    },
    // PostgreSQL's immediate shutdown: no checkpoint, connections cut; what a crash of it leaves behind.
    crash: () => server.end('SIGQUIT'),
    async restart() {
      server = await start();
    },
    async stop() {
      await server.end('SIGQUIT');
      prepared.remove();
    },
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}

function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    return readdirSync(root)
      .sort((one, other) => Number(other) - Number(one))
      .map((version) => join(root, version, 'bin'));
  } catch {
    return [];
  }
}
