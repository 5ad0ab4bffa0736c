// Runs a server program for as long as somebody needs it: in a folder of its own, as a user without rights, on a free
// port; gone afterwards.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, chownSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** As whom server programs run that refuse to be root; undefined when this process is not root anyway. */
export function unprivilegedUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A new folder that belongs to this user. */
export function temporaryFolder(name: string, user?: ServerUser): string {
  const folder = mkdtempSync(join(tmpdir(), `caregraph-${name}-`));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** The program of this name in one of the folders or on the PATH. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return [...folders, ...(process.env.PATH ?? '').split(delimiter)]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a listening server has a port');
  return address.port;
}

/** Whether something could listen there now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

export interface ServerProcess {
  /** Sends the signal and waits until it is gone. */
  end(signal: 'SIGKILL' | 'SIGQUIT' | 'SIGTERM'): Promise<void>;
}

export interface ServerProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly user?: ServerUser | undefined;
  /** Resolves when the server answers; tried until it does. */
  readonly isReady: () => Promise<void>;
}

/** A server whose data lies ready, and which nobody runs yet. */
export interface PreparedServer extends ServerProgram {
  /** Where it answers once it runs, each time the same. */
  readonly url: string;
  /** Removes all that it keeps; it must not run. */
  remove(): void;
}

export async function runServer({ program, args, folder, user, isReady }: ServerProgram): Promise<ServerProcess> {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], ...user });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-4_000);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // A run that is cut off must not leave servers behind.
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  ended.then(() => process.off('exit', killAtExit));
  await waitUntilReady(child, isReady, () => output);
  return {
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
}

async function waitUntilReady(child: ChildProcess, isReady: () => Promise<void>, output: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended at once:\n${output()}`);
    try {
      return await isReady();
    } catch (error) {
      if (Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`${child.spawnfile} does not get ready:\n${output()}`, { cause: error });
      }
      await pause(50);
    }
  }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
