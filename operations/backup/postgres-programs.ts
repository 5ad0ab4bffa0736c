// pg_dump and pg_restore, which know how to copy a PostgreSQL database whole. Passwords never stand in their arguments.
import { spawn } from 'node:child_process';
import { StartError } from '../../platform/start-error.ts';
import { findPostgresProgram } from '../servers/postgres.ts';

export interface ProgramRun {
  readonly name: 'pg_dump' | 'pg_restore';
  readonly databaseUrl: string;
  readonly args: readonly string[];
  /** What it inherits, such as PGSSLROOTCERT. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What it writes to standard output; fails when the program does. */
export async function* runPostgresProgram(run: ProgramRun): AsyncIterable<Buffer> {
  const { name, args, environment } = run;
  const program = findPostgresProgram(name);
  if (program === undefined) {
    throw new StartError(
      `${name} is not installed here. It comes with PostgreSQL's client programs (postgresql-client).`,
    );
  }
  const { url, password } = splitPassword(run.databaseUrl);
  const child = spawn(program, [...args, `--dbname=${url}`], {
    env: { ...environment, ...(password === '' ? {} : { PGPASSWORD: password }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let faults = '';
  child.stderr.on('data', (chunk: Buffer) => {
    faults = (faults + chunk.toString('utf8')).slice(-4_000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ended.catch(() => undefined);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    if ((await ended) !== 0) throw new StartError(`${name} failed:\n${faults.trim()}`);
  } finally {
    // Nobody reads on.
    child.kill();
  }
}

function splitPassword(databaseUrl: string): { url: string; password: string } {
  const url = new URL(databaseUrl);
  const password = url.searchParams.get('password') ?? decodeURIComponent(url.password);
  url.password = '';
  url.searchParams.delete('password');
  return { url: url.href, password };
}
