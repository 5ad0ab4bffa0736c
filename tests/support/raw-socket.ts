// A client of graphql-transport-ws that does what it is told, message by message: for what well-behaved clients never do.
import { WebSocket } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: tests read messages loosely; what they expect stands in their assertions.
type Message = any;

export interface RawSocket {
  readonly socket: WebSocket;
  /** Every message that has come, in order. */
  readonly received: readonly Message[];
  send(message: unknown): void;
  /** The first message that has this property for each of these; waits for it. */
  message(like: Record<string, unknown>): Promise<Message>;
  /** How it ended; waits for it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface RawSocketOptions {
  readonly url: string;
  readonly protocols?: readonly string[];
  /** Sends `connection_init` with this token, and waits for the answer. */
  readonly token?: string | undefined;
}

const patienceMilliseconds = 30_000;

export async function openRawSocket({ url, protocols = ['graphql-transport-ws'], token }: RawSocketOptions) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, [...protocols]);
  const received: Message[] = [];
  const watchers = new Set<() => void>();
  socket.on('message', (data) => {
    received.push(JSON.parse(String(data)));
    for (const watcher of watchers) watcher();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const raw: RawSocket = {
    socket,
    received,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    message: (like) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = received.find((one) => Object.entries(like).every(([name, value]) => one[name] === value));
          if (found === undefined) return;
          end();
          resolve(found);
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`No ${JSON.stringify(like)} among ${JSON.stringify(received).slice(0, 2_000)}`));
        }, patienceMilliseconds);
        const end = () => {
          clearTimeout(timer);
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      }),
  };
  if (token === undefined) return raw;
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  await raw.message({ type: 'connection_ack' });
  return raw;
}
