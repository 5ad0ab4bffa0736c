// How GraphiQL talks to the gateway: queries and mutations over HTTP, subscriptions over a WebSocket on the same path.
// The headers typed into GraphiQL go along both ways.
import { type ExecutionResult, getOperationAST, parse } from 'graphql';
import { type Client, CloseCode, createClient } from 'graphql-ws';

type Headers = Readonly<Record<string, unknown>>;

interface Operation {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown>;
}

interface FetcherOptions {
  readonly headers?: Headers;
}

type Fetcher = (
  operation: Operation,
  options?: FetcherOptions,
) => Promise<ExecutionResult> | AsyncIterableIterator<ExecutionResult>;

export function createFetcher(path: string): Fetcher {
  const url = new URL(path, window.location.href);
  const clientFor = webSocketClients(url);
  return (operation, { headers = {} } = {}) =>
    isSubscription(operation) ? subscribe(clientFor(headers), operation) : post(url, operation, headers);
}

/** By its text: the document that GraphiQL hands over lags behind what was just typed. */
function isSubscription({ query, operationName }: Operation): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === 'subscription';
  } catch {
    return false; // the gateway says what is wrong with it
  }
}

async function post(url: URL, operation: Operation, headers: Headers): Promise<ExecutionResult> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...textValues(headers),
    },
    body: JSON.stringify(operation),
  });
  return (await response.json()) as ExecutionResult;
}

/**
 * A socket carries one identity: it is told who is calling when it opens. So there is one client for each set of
 * headers; each connects when it is first used and lets go of its socket after its last subscription.
 */
function webSocketClients(httpUrl: URL): (headers: Headers) => Client {
  const url = new URL(httpUrl);
  url.protocol = httpUrl.protocol === 'https:' ? 'wss:' : 'ws:';
  const clients = new Map<string, Client>();
  return (headers) => {
    const connectionParams = textValues(headers);
    const key = JSON.stringify(connectionParams);
    const client = clients.get(key) ?? createClient({ url: url.href, connectionParams, shouldRetry: isWorthRetrying });
    clients.set(key, client);
    return client;
  };
}

/** A lost connection is, and one that cannot be made. A refused one (a bad access token) is not: nothing would change. */
function isWorthRetrying(event: unknown): boolean {
  return !(event instanceof CloseEvent && event.code === CloseCode.Forbidden);
}

async function* subscribe(client: Client, operation: Operation): AsyncIterableIterator<ExecutionResult> {
  try {
    const results = client.iterate({ ...operation, operationName: operation.operationName ?? undefined });
    // GraphiQL's types want the errors of graphql-js; it shows what arrives as JSON, whatever it is.
    yield* results as AsyncIterableIterator<ExecutionResult>;
  } catch (error) {
    // What ended it (an access token that has expired, a position too old) is shown as it came.
    if (Array.isArray(error)) return yield { errors: error };
    // A closed socket rejects with its CloseEvent, which GraphiQL would show as {"isTrusted": true}.
    throw error instanceof CloseEvent
      ? new Error(`The connection was closed: ${error.reason || 'no reason given'} (${error.code})`)
      : error;
  }
}

function textValues(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
