// A process that the bench has started: it says its port when it is ready, and answers what it is asked.
import { type ChildProcess, fork } from 'node:child_process';

export interface Child {
  readonly url: string;
  /** Sends a message and waits for the answer. */
  ask<T>(message: object): Promise<T>;
  /** Sends a message that has no answer. */
  tell(message: object): void;
  stop(): Promise<void>;
}

const patience = 60_000;

export interface ChildOptions {
  readonly cwd?: string;
  /** Flags for Node. */
  readonly execArgv?: string[];
}

export async function startChild(script: string, args: readonly string[], options: ChildOptions = {}): Promise<Child> {
  const child = fork(script, [...args], {
    ...options,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true' },
  });
  const { port } = await nextMessage<{ port: number }>(child, script);
  return {
    url: `http://127.0.0.1:${port}`,
    async ask<T>(message: object) {
      const answer = nextMessage<T>(child, script);
      child.send(message);
      return answer;
    },
    tell: (message) => void child.send(message),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

function nextMessage<T>(child: ChildProcess, script: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${script} does not answer`)), patience);
    const ended = () => reject(new Error(`${script} has ended`));
    child.once('exit', ended);
    child.once('message', (message) => {
      clearTimeout(timer);
      child.off('exit', ended);
      resolve(message as T);
    });
  });
}
