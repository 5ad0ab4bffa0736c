// A client as an application would write it: fetch for queries and mutations, graphql-ws for subscriptions.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

// Tests read results loosely; what they expect stands in their assertions.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Data = any;

export interface GraphqlAnswer {
  readonly status: number;
  readonly data?: Data;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions: Data;
  }[];
}

export interface GraphqlClient {
  readonly token: string | undefined;
  readonly userId: string | undefined;
  /** The whole answer, errors included. */
  ask(query: string, variables?: Record<string, unknown>): Promise<GraphqlAnswer>;
  /** The data; throws when there are errors. */
  run(query: string, variables?: Record<string, unknown>): Promise<Data>;
  subscribe(query: string, variables?: Record<string, unknown>): Subscription;
}

export interface Subscription {
  /** What has come so far. */
  readonly received: readonly { readonly data?: Data; readonly errors?: Data }[];
  /** The error that ended it, if one did. */
  readonly failure: Data;
  readonly ended: boolean;
  /** Resolves with everything received once there are so many; rejects when that takes too long. */
  waitFor(count: number): Promise<readonly { readonly data?: Data; readonly errors?: Data }[]>;
  waitUntilEnded(): Promise<void>;
  /** Cuts the connection off, as a lost network would. */
  cut(): void;
  close(): Promise<void>;
}

export function createGraphqlClient(url: string, token?: string, userId?: string): GraphqlClient {
  const ask = async (query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  return {
    token,
    userId,
    ask,
    async run(query, variables) {
      const { data, errors } = await ask(query, variables);
      if (errors !== undefined) throw new Error(`${errors[0]?.message} ${JSON.stringify(errors)}`);
      return data;
    },
    subscribe: (query, variables) => subscribe({ url, token, query, variables }),
  };
}

const loginMutation = `mutation ($input: LoginInput!) {
  login(input: $input) { accessToken refreshToken expiresIn user { id email } }
}`;

export async function signIn(url: string, email: string, password: string): Promise<GraphqlClient> {
  const { login } = await createGraphqlClient(url).run(loginMutation, { input: { email, password } });
  return createGraphqlClient(url, login.accessToken, login.user.id);
}

interface SubscribeOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly query: string;
  readonly variables: Record<string, unknown> | undefined;
}

const patienceMilliseconds = 30_000;

function subscribe({ url, token, query, variables }: SubscribeOptions): Subscription {
  const received: { data?: Data; errors?: Data }[] = [];
  let failure: Data;
  let ended = false;
  let socket: WebSocket | undefined;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token === undefined ? {} : { connectionParams: { Authorization: `Bearer ${token}` } }),
    on: {
      connected: (opened) => {
        socket = opened as WebSocket;
      },
    },
  });
  client.subscribe(
    { query, ...(variables === undefined ? {} : { variables }) },
    {
      next: (result) => {
        received.push(result as never);
        changed();
      },
      error: (error) => {
        failure = error;
        ended = true;
        changed();
      },
      complete: () => {
        ended = true;
        changed();
      },
    },
  );
  const until = (condition: () => boolean, what: () => string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!condition()) return;
        clearTimeout(timer);
        listeners.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        listeners.delete(check);
        reject(new Error(what()));
      }, patienceMilliseconds);
      listeners.add(check);
      check();
    });
  return {
    received,
    get failure() {
      return failure;
    },
    get ended() {
      return ended;
    },
    async waitFor(count) {
      await until(
        () => received.length >= count,
        () => `${received.length} of ${count} came; failure: ${JSON.stringify(failure)}`,
      );
      return received;
    },
    waitUntilEnded: () =>
      until(
        () => ended,
        () => 'the subscription did not end',
      ),
    cut: () => socket?.terminate(),
    async close() {
      await client.dispose();
    },
  };
}
