// Subscribers as bare sockets that speak graphql-transport-ws: light enough that thousands fit beside what is measured.
import WebSocket from 'ws';

export interface LiveSocket {
  /** Ends it. */
  close(): void;
  /** Whether the server has ended it or its subscription. */
  readonly ended: boolean;
}

export interface SocketOptions {
  /** Where the gateway is. */
  readonly url: string;
  readonly token: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Told of each result, as it came. */
  readonly onResult: (text: string) => void;
}

/** Resolves when the subscription has been sent and all that was sent before it was answered. */
export function openSocket({ url, token, query, variables = {}, onResult }: SocketOptions): Promise<LiveSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  let ended = false;
  const live: LiveSocket = {
    close: () => socket.terminate(),
    get ended() {
      return ended;
    },
  };
  return new Promise((resolve, reject) => {
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } })),
    );
    socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      if (text.includes('"type":"next"')) onResult(text);
      else if (text.includes('"type":"connection_ack"')) {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
        // Answered in the order of its coming, so the subscription was read before it.
        socket.send(JSON.stringify({ type: 'ping' }));
      } else if (text.includes('"type":"pong"')) resolve(live);
      else if (text.includes('"type":"ping"')) socket.send(JSON.stringify({ type: 'pong' }));
      else {
        ended = true;
        reject(new Error(text));
      }
    });
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      ended = true;
      reject(new Error(`The socket was closed: ${code} ${reason.toString()}`));
    });
  });
}

const openedAtOnce = 50;

/** One for each of the options. */
export async function openSockets(all: readonly SocketOptions[]): Promise<LiveSocket[]> {
  const sockets: LiveSocket[] = [];
  for (let at = 0; at < all.length; at += openedAtOnce) {
    sockets.push(...(await Promise.all(all.slice(at, at + openedAtOnce).map(openSocket))));
  }
  return sockets;
}
