// Speaks to an installation as an application would, and tells failures in an operator's words.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { connectionFailure, type GraphqlError, ProbeFailure, refusal } from './probe-failure.ts';

export interface ProbeClient {
  /** What /readyz says is not there; undefined where it cannot be asked from here. */
  missingParts(): Promise<{ readonly ready: boolean; readonly parts: readonly string[] } | undefined>;
  run<T>(query: string, variables: Readonly<Record<string, unknown>>, token?: string): Promise<T>;
  /** The same when the time of the probe is over, for what it must not leave behind. */
  runLate<T>(query: string, variables: Readonly<Record<string, unknown>>, token?: string): Promise<T>;
  /** Resolves once the gateway has taken the connection. */
  connect(token: string): Promise<ProbeSocket>;
}

export interface ProbeSocket {
  /** Calls `onResult` with the data of each event, and `onEnd` when there will be no more. */
  subscribe<T>(
    query: string,
    variables: Record<string, unknown>,
    listener: { onResult(data: T): void; onEnd(failure: ProbeFailure): void },
  ): void;
  close(): Promise<void>;
}

/** `base` is where the gateway is, without `/graphql`. */
export function createProbeClient(base: string, signal: AbortSignal): ProbeClient {
  const url = `${base}/graphql`;
  return {
    async missingParts() {
      const response = await request(`${base}/readyz`, { signal });
      const state = (await response.json().catch(() => undefined)) as { ready?: unknown; parts?: object } | undefined;
      // A proxy that hands on /graphql alone is right to.
      if (typeof state?.ready !== 'boolean') return undefined;
      const parts = Object.entries(state.parts ?? {}).flatMap(([name, found]) => (found === 'ok' ? [] : [name]));
      return { ready: state.ready, parts };
    },

    run: (query, variables, token) => run(url, { query, variables, token, signal }),
    runLate: (query, variables, token) =>
      run(url, { query, variables, token, signal: AbortSignal.timeout(lateMilliseconds) }),
    connect: (token) => connect(url.replace(/^http/, 'ws'), token),
  };
}

interface Question {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

const lateMilliseconds = 5_000;

async function run<T>(url: string, { query, variables, token, signal }: Question): Promise<T> {
  const response = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const answer = (await response.json().catch(() => undefined)) as
    | { data?: T | null; errors?: readonly GraphqlError[] }
    | undefined;
  const [error] = answer?.errors ?? [];
  if (error !== undefined) throw refusal(error);
  if (answer?.data === undefined || answer.data === null) {
    const what = `No GraphQL answers at ${url} (status ${response.status})`;
    throw new ProbeFailure(what, 'the address, and where the proxy hands it on to');
  }
  return answer.data;
}

async function request(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    // That the time is over is told where it was set.
    options.signal?.throwIfAborted();
    throw connectionFailure(url, error);
  }
}

function connect(url: string, token: string): Promise<ProbeSocket> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      connectionParams: { Authorization: `Bearer ${token}` },
      onNonLazyError: (error) => reject(socketFailure(url, error)),
      on: {
        error: (error) => {
          if (!connected) reject(socketFailure(url, error));
        },
        connected: () => {
          connected = true;
          resolve({
            subscribe(query, variables, { onResult, onEnd }) {
              client.subscribe<never>(
                { query, variables },
                {
                  next: ({ data, errors }) => {
                    const [error] = errors ?? [];
                    if (error !== undefined) onEnd(refusal(error));
                    else if (data !== null && data !== undefined) onResult(data);
                  },
                  error: (error) => onEnd(Array.isArray(error) ? refusal(error[0]) : socketFailure(url, error)),
                  complete: () => onEnd(new ProbeFailure('The subscription was ended by the server', 'its logs')),
                },
              );
            },
            close: async () => client.dispose(),
          });
        },
      },
    });
  });
}

function socketFailure(url: string, error: unknown): ProbeFailure {
  const { code, reason, error: cause } = (error ?? {}) as { code?: unknown; reason?: unknown; error?: unknown };
  if (typeof code === 'number') {
    return new ProbeFailure(
      `The WebSocket was closed: ${code} ${String(reason ?? '')}`,
      'the logs of the gateway and of the proxy',
    );
  }
  const fault = cause ?? error;
  if (fault instanceof Error && /Unexpected server response: (\d+)/.test(fault.message)) {
    const lookAt = 'whether the proxy passes WebSocket upgrades on /graphql';
    return new ProbeFailure(`No WebSocket opens at ${url} (${fault.message})`, lookAt, { cause: fault });
  }
  return connectionFailure(url, fault);
}
