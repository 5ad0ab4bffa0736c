// One operation over each transport of the gateway: HTTP, a WebSocket, and a stream of server-sent events.
import { openRawSocket } from './raw-socket.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read results loosely.
type Result = any;

export interface Payload {
  readonly query?: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly extensions?: Record<string, unknown>;
  readonly documentId?: string;
}

export interface Asking {
  readonly url: string;
  readonly token?: string | undefined;
}

export const transports = ['HTTP', 'WebSocket', 'stream'] as const;
export type Transport = (typeof transports)[number];

/** The result, wherever the transport puts it. */
export function askOver(transport: Transport, asking: Asking, payload: Payload): Promise<Result> {
  if (transport === 'HTTP') return overHttp(asking, payload);
  return transport === 'stream' ? overStream(asking, payload) : overSocket(asking, payload);
}

function post({ url, token }: Asking, path: string, payload: Payload, accept: string): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/json', accept };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(payload) });
}

async function overHttp(asking: Asking, payload: Payload): Promise<Result> {
  return (await post(asking, '/graphql', payload, 'application/json')).json();
}

async function overStream(asking: Asking, payload: Payload): Promise<Result> {
  const response = await post(asking, '/graphql/stream', payload, 'text/event-stream');
  const text = await response.text();
  // What is wrong with the request itself is refused before there is a stream.
  return JSON.parse(/^event: next\ndata: (.*)$/m.exec(text)?.[1] ?? text);
}

async function overSocket({ url, token }: Asking, payload: Payload): Promise<Result> {
  const raw = await openRawSocket({ url, token });
  try {
    if (token === undefined) {
      raw.send({ type: 'connection_init' });
      await raw.message({ type: 'connection_ack' });
    }
    // The protocol wants a text; an empty one is none.
    raw.send({ type: 'subscribe', id: '1', payload: { query: '', ...payload } });
    const { type, payload: came } = await raw.message({ id: '1' });
    return type === 'error' ? { errors: came } : came;
  } finally {
    raw.socket.terminate();
  }
}
