// Runs one of the project's own programs as a person would, and waits until it says that it is ready.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { projectFolder } from '../../platform/project-folder.ts';

export interface Program {
  readonly pid: number;
  /** Everything it has written so far. */
  output(): string;
  /** Milliseconds from its start until /readyz answered 200. */
  readonly readyAfter: number;
  /** Resolves with its exit code when it has ended; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Sends the signal and waits until it is gone; answers its exit code (null when a signal ended it). */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export interface ProgramOptions {
  /** Below dist/, for example `gateway/main.js`. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where /readyz is. Undefined: wait for nothing. */
  readonly url?: string;
  readonly patienceMilliseconds?: number;
}

export async function startProgram({
  script,
  environment,
  url,
  // One that ends is noticed at once; one that gets little of a busy machine may take minutes.
  patienceMilliseconds = 240_000,
}: ProgramOptions): Promise<Program> {
  const startedAt = performance.now();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(projectFolder(), 'dist', script)], {
    env: { PATH, HOME, NODE_ENV: 'test', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  let gone = false;
  exited.then(() => {
    gone = true;
  });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  exited.then(() => process.off('exit', killAtExit));
  while (url !== undefined) {
    if (gone) throw new Error(`${script} ended before it was ready:\n${output}`);
    if (performance.now() - startedAt > patienceMilliseconds) {
      child.kill('SIGKILL');
      throw new Error(`${script} was not ready in time:\n${output}`);
    }
    if (await isReady(url)) break;
    await pause(50);
  }
  return {
    pid: child.pid ?? 0,
    exited,
    output: () => output,
    readyAfter: performance.now() - startedAt,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
