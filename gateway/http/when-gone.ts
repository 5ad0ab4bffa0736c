// Tells that a client has gone away, so that nothing more is fetched for it.
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';

const signals = new WeakMap<Socket, AbortSignal>();

/**
 * Fires when the connection closes. One signal serves all requests of a connection, since making one costs as much as
 * sending an answer: those that have been answered have nothing left that listens.
 */
export function whenGone(socket: Socket): AbortSignal {
  const known = signals.get(socket);
  if (known !== undefined) return known;
  const gone = new AbortController();
  // Every fetch of a large operation listens.
  setMaxListeners(0, gone.signal);
  socket.once('close', () => gone.abort());
  if (socket.destroyed) gone.abort();
  signals.set(socket, gone.signal);
  return gone.signal;
}
