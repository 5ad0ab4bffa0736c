// Goes once through all that an installation must be able to do: sign in, subscribe, write, and hear of it. Takes its
// traces away again.
import { performance } from 'node:perf_hooks';
import { createProbeClient, type ProbeClient } from './probe-client.ts';
import { ProbeFailure } from './probe-failure.ts';
import { writeAndHear } from './write-and-hear.ts';

export interface ProbeOptions {
  /** Where the gateway is; `/graphql` at the end may be there or not. */
  readonly url: string;
  readonly email: string;
  readonly password: string;
  /** For everything together. */
  readonly milliseconds: number;
  readonly onStep?: (step: ProbeStep) => void;
}

export interface ProbeStep {
  readonly name: string;
  readonly ms: number;
  /** What is worth knowing, although it is no failure. */
  readonly note?: string | undefined;
}

export interface ProbeReport {
  readonly ok: boolean;
  readonly url: string;
  readonly steps: readonly ProbeStep[];
  readonly ms: number;
  /** The step that failed, what is wrong, and where to look. */
  readonly failure?: { readonly step: string; readonly what: string; readonly lookAt: string };
}

export async function runProbe(options: ProbeOptions): Promise<ProbeReport> {
  const base = options.url.replace(/\/+$/, '').replace(/\/graphql$/, '');
  const startedAt = performance.now();
  const time = AbortSignal.timeout(options.milliseconds);
  const steps: ProbeStep[] = [];
  let current = '';
  const step = async <T>(
    name: string,
    act: () => Promise<T>,
    noteOf?: (result: T) => string | undefined,
  ): Promise<T> => {
    current = name;
    const begun = performance.now();
    const result = await inTime(act(), time);
    const done = { name, ms: round(performance.now() - begun), note: noteOf?.(result) };
    steps.push(done);
    options.onStep?.(done);
    return result;
  };
  const report = (failure?: ProbeReport['failure']): ProbeReport => ({
    ok: failure === undefined,
    url: base,
    steps,
    ms: round(performance.now() - startedAt),
    ...(failure === undefined ? {} : { failure }),
  });

  let missing: readonly string[] = [];
  try {
    const client = createProbeClient(base, time);
    missing = await step('ready', () => findMissing(client), noteMissing);
    const token = await step('sign in', () => signIn(client, options));
    await writeAndHear({ client, token, step });
    return report();
  } catch (error) {
    const failure = error instanceof ProbeFailure ? error : unexpected(error, time);
    const away = missing.length === 0 ? '' : `the parts that /readyz says are away (${missing.join(', ')}); else `;
    return report({ step: current, what: failure.message, lookAt: `${away}${failure.lookAt}` });
  }
}

async function findMissing(client: ProbeClient): Promise<readonly string[]> {
  const state = await client.missingParts();
  if (state !== undefined && !state.ready) {
    const parts = state.parts.join(', ');
    throw new ProbeFailure(
      `The installation is not ready: ${parts}`,
      `the processes and logs of these parts: ${parts}`,
    );
  }
  return state?.parts ?? [];
}

function noteMissing(missing: readonly string[]): string | undefined {
  return missing.length === 0 ? undefined : `not there: ${missing.join(', ')}`;
}

async function signIn(client: ProbeClient, { email, password }: ProbeOptions): Promise<string> {
  const login = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
  const answer = await client.run<{ login: { accessToken: string } }>(login, { input: { email, password } });
  return answer.login.accessToken;
}

async function inTime<T>(work: Promise<T>, time: AbortSignal): Promise<T> {
  let late = () => {};
  const over = new Promise<never>((_resolve, reject) => {
    late = () => reject(time.reason);
    time.addEventListener('abort', late, { once: true });
  });
  try {
    time.throwIfAborted();
    return await Promise.race([work, over]);
  } finally {
    time.removeEventListener('abort', late);
    // Nobody waits for it any more.
    work.catch(() => undefined);
  }
}

function unexpected(error: unknown, time: AbortSignal): ProbeFailure {
  if (time.aborted)
    return new ProbeFailure(
      'It took longer than --timeout allows',
      'the logs of the gateway and the services, and how busy they are',
    );
  return new ProbeFailure(error instanceof Error ? error.message : String(error), 'the logs');
}

const round = (milliseconds: number) => Math.round(milliseconds * 10) / 10;
