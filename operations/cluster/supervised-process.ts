// Keeps one process running, as an operator's supervisor does: when it ends, whatever the reason, it is started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerProgram } from '../servers/throwaway-process.ts';

export interface SupervisedProgram extends ServerProgram {
  readonly role: string;
  /** All of its environment: it inherits none. */
  readonly environment: Readonly<Record<string, string>>;
  /** What ends it in order; SIGTERM unless told. */
  readonly stopSignal?: NodeJS.Signals | undefined;
}

export interface SupervisedProcess {
  readonly role: string;
  /** Undefined while it is away. */
  pid(): number | undefined;
  /** How often it was started. */
  starts(): number;
  /** The last of what it wrote, through all its starts. */
  output(): string;
  isReady(): Promise<boolean>;
  /** Sends the signal to the process that runs now, if one does, and resolves once that one is gone. It comes back. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** The same, but it stays away until `resume`. */
  halt(signal: NodeJS.Signals): Promise<void>;
  resume(): void;
  /** Ends it for good: in order, and after 25 seconds at once. */
  stop(): Promise<void>;
  /** Ends it for good, now. */
  abandon(): void;
}

const shortestDelay = 100;
const longestDelay = 5_000;
/** Who ran for so long starts again without delay. */
const steadyMilliseconds = 10_000;
const patienceMilliseconds = 25_000;
const keptOutput = 16_000;

export function supervise(program: SupervisedProgram, tell: (line: string) => void = () => {}): SupervisedProcess {
  let child: ChildProcess | undefined;
  let wanted = true;
  let starts = 0;
  let delay = shortestDelay;
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  let gone: Promise<void> = Promise.resolve();

  const note = (text: string) => {
    output = (output + text).slice(-keptOutput);
    for (const line of text.split('\n')) if (line !== '') tell(line);
  };
  const start = () => {
    if (!wanted || child !== undefined) return;
    starts += 1;
    const startedAt = performance.now();
    const { folder: cwd, user, environment: env } = program;
    // In a group of its own, so that a Ctrl-C of the terminal reaches the supervisor alone, which ends all in order.
    const started = spawn(program.program, program.args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...user,
    });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => note(chunk.toString('utf8')));
    gone = new Promise((resolve) => {
      const end = (reason: string) => {
        if (child !== started) return;
        child = undefined;
        note(`(${program.role} ended: ${reason})\n`);
        const wasSteady = performance.now() - startedAt > steadyMilliseconds;
        delay = wasSteady ? shortestDelay : Math.min(delay * 2, longestDelay);
        if (wanted) timer = setTimeout(start, wasSteady ? 0 : delay);
        resolve();
      };
      started.once('exit', (code, signal) => end(signal ?? `code ${code}`));
      started.once('error', (error) => end(error.message));
    });
  };
  const kill = async (signal: NodeJS.Signals) => {
    child?.kill(signal);
    await gone;
  };
  const halt = (signal: NodeJS.Signals) => {
    wanted = false;
    clearTimeout(timer);
    return kill(signal);
  };
  const abandon = () => {
    wanted = false;
    clearTimeout(timer);
    if (child?.pid === undefined) return;
    try {
      // With all that it started.
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  };

  start();
  return {
    role: program.role,
    pid: () => child?.pid,
    starts: () => starts,
    output: () => output,
    isReady: () =>
      child === undefined
        ? Promise.resolve(false)
        : program.isReady().then(
            () => true,
            () => false,
          ),
    kill,
    halt,
    resume() {
      wanted = true;
      delay = shortestDelay;
      start();
    },
    async stop() {
      const patience = new AbortController();
      const ended = halt(program.stopSignal ?? 'SIGTERM').finally(() => patience.abort());
      await Promise.race([
        ended,
        pause(patienceMilliseconds, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      abandon();
      await gone;
    },
    abandon,
  };
}
