// The all-in-one program as its own process, as `npm start` runs it, and what the operating system says of it. Linux only.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const administrator = { email: 'admin@bench.example', password: 'Bench-Admin-1' };

export interface RunningProgram {
  readonly url: string;
  /** Milliseconds from the start of the process to its first 200 on /readyz. */
  readonly readyMs: number;
  /** CPU time used so far by all threads, in milliseconds. */
  cpuMs(): number;
  /** Resident memory now, in MB (1,000,000 bytes). */
  rssMB(): number;
  stop(): Promise<void>;
}

/** Starts it on an empty data directory of its own, which goes when it stops. `settings` are environment variables. */
export async function startProgram(settings: Readonly<Record<string, string>> = {}): Promise<RunningProgram> {
  const dataDir = mkdtempSync(join(tmpdir(), 'caregraph-bench-'));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/gateway/main.js'], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      DEMO: 'false',
      LOG_LEVEL: 'warn',
      ADMIN_EMAIL: administrator.email,
      ADMIN_PASSWORD: administrator.password,
      // A bench outlives the tokens of everyday use.
      ACCESS_TOKEN_SECONDS: '86400',
      // One client asks here for as much as many do.
      COST_PER_MINUTE: '0',
      RATE_LIMITS: 'off',
      ...settings,
    },
    stdio: ['ignore', 2, 2],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(url, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, readyMs: Math.round(performance.now() - started), ...meters(child.pid ?? 0), stop };
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The program ended with code ${child.exitCode} before it was ready.`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(50);
  }
  throw new Error('The program was not ready within 60 s.');
}

function meters(pid: number): Pick<RunningProgram, 'cpuMs' | 'rssMB'> {
  const msPerTick = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return {
    cpuMs() {
      // The second field is the name in parentheses and may hold blanks: count from behind it. utime and stime are
      // the fields 14 and 15 of proc(5).
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * msPerTick;
    },
    rssMB() {
      const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Math.round((Number(kilobytes) * 1_024) / 1e6);
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
