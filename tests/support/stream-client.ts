// Server-sent events as a program reads them without a library: what comes, word by word, and the headers before it.
import { setTimeout as pause } from 'node:timers/promises';

export interface RawStream {
  readonly status: number;
  readonly headers: Headers;
  /** Everything that has come. */
  text(): string;
  /** The data of the `next` events that have come. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read results loosely.
  results(): any[];
  /** Waits until the text matches. */
  until(pattern: RegExp): Promise<void>;
  /** Whether the server has ended it. */
  readonly ended: boolean;
  close(): void;
}

export interface RawStreamRequest {
  readonly url: string;
  readonly token?: string | undefined;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly method?: 'GET' | 'POST';
}

const patienceMilliseconds = 30_000;

export async function openRawStream({ url, token, query, variables, method = 'POST' }: RawStreamRequest) {
  const closing = new AbortController();
  const address = new URL(`${url}/graphql/stream`);
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (method === 'POST') headers['content-type'] = 'application/json';
  if (method === 'GET') {
    address.searchParams.set('query', query);
    if (variables !== undefined) address.searchParams.set('variables', JSON.stringify(variables));
  }
  const response = await fetch(address, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body: JSON.stringify({ query, variables }) }),
    signal: closing.signal,
  });
  let text = '';
  let ended = false;
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  })();
  reading
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  const stream: RawStream = {
    status: response.status,
    headers: response.headers,
    text: () => text,
    results: () => [...text.matchAll(/^event: next\ndata: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data ?? '')),
    async until(pattern) {
      for (const deadline = Date.now() + patienceMilliseconds; !pattern.test(text); await pause(20)) {
        if (Date.now() > deadline || ended) throw new Error(`${pattern} did not come; this did: ${text.slice(-2_000)}`);
      }
    },
    get ended() {
      return ended;
    },
    close: () => closing.abort(),
  };
  return stream;
}
