// Subscribers as docs/live.md tells clients to be: each keeps the position of the last change that it has dealt with, and
// after every end of its connection asks for what comes after that.
import { setTimeout as pause } from 'node:timers/promises';
import { createClient as createStreamClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface Received {
  readonly position: bigint;
  readonly kind: string;
  readonly documentId: string | null;
}

export type Transport = 'websocket' | 'sse';

export interface Subscriber {
  readonly userId: string | undefined;
  readonly transport: Transport;
  /** What has come, in the order of its coming. */
  readonly received: readonly Received[];
  /** How often it was connected. */
  readonly connections: number;
  /** What ended it for good: an answer that connecting anew does not help against. */
  readonly failure: unknown;
  stop(): Promise<void>;
}

export interface SubscriberOptions {
  readonly url: string;
  readonly token: string;
  readonly userId: string | undefined;
  readonly transport: Transport;
  readonly schemaName: string;
  /** Where it begins: the position of the newest change that it does not want. */
  readonly after: bigint;
}

const query = `subscription ($schemaName: String!, $after: Position) {
  documentChanged(schemaName: $schemaName, after: $after) { position kind documentId }
}`;
const retryMilliseconds = 300;
/** Refusals that only time helps against. */
const passing = new Set(['SERVICE_UNAVAILABLE', 'SUBSCRIPTION_SCHEMA_RELOAD']);

export function startSubscriber(options: SubscriberOptions): Subscriber {
  const received: Received[] = [];
  let connections = 0;
  let failure: unknown;
  let stopped = false;
  let position = options.after;
  const client = connect[options.transport](options, () => {
    connections += 1;
  });

  async function follow(): Promise<void> {
    while (!stopped) {
      try {
        const variables = { schemaName: options.schemaName, after: position.toString() };
        for await (const { data, errors } of client.iterate({ query, variables })) {
          if (errors) throw errors;
          const change = data?.documentChanged as { position: string; kind: string; documentId: string | null };
          position = BigInt(change.position);
          received.push({ ...change, position });
        }
      } catch (error) {
        const code = codeOf(error);
        if (code !== undefined && !passing.has(code)) {
          failure = error;
          return;
        }
      }
      await pause(retryMilliseconds);
    }
  }

  const done = follow();
  return {
    userId: options.userId,
    transport: options.transport,
    received,
    get connections() {
      return connections;
    },
    get failure() {
      return failure;
    },
    async stop() {
      stopped = true;
      await client.dispose();
      await done;
    },
  };
}

interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly unknown[] | undefined;
}
interface Connection {
  iterate(operation: { query: string; variables: Record<string, unknown> }): AsyncIterable<Result>;
  dispose(): void | Promise<void>;
}

/** Each gives up at once where it cannot connect: `follow` is what tries again. */
const connect: Record<Transport, (options: SubscriberOptions, onConnected: () => void) => Connection> = {
  websocket: ({ url, token }, onConnected) =>
    createSocketClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      // What no longer answers counts as gone: a process that was killed says no goodbye to some of its peers.
      keepAlive: 5_000,
      connectionParams: { Authorization: `Bearer ${token}` },
      on: { connected: onConnected },
    }),
  sse: ({ url, token }, onConnected) =>
    createStreamClient({
      url: `${url}/graphql/stream`,
      retryAttempts: 0,
      headers: { Authorization: `Bearer ${token}` },
      fetchFn: async (...request: Parameters<typeof fetch>) => {
        const response = await fetch(...request);
        if (response.ok) onConnected();
        return response;
      },
    }),
};

/** Of a refusal by the gateway; undefined for an end of the connection. */
function codeOf(error: unknown): string | undefined {
  if (!Array.isArray(error)) return undefined;
  const [first] = error as { extensions?: { code?: string } }[];
  return first?.extensions?.code ?? 'UNKNOWN';
}
