// The end of a request that was answered before all of it had come: nothing of it may stand in the way of the next one on
// its connection.
import type { IncomingMessage } from 'node:http';

/**
 * Lets a client that was answered before it had sent everything read the answer, but not keep sending for more than
 * `patience` milliseconds: closing at once would take the answer away with the connection.
 */
export function finishRequest(request: IncomingMessage, patience: number): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), patience);
  const finished = () => {
    clearTimeout(timer);
    request.off('close', finished);
    socket.off('close', finished);
  };
  request.once('close', finished);
  // An answered request is not told any more that its connection broke.
  socket.once('close', finished);
  // Who read the body before may still wait for more of it, and while somebody does, the request cannot flow.
  request.removeAllListeners('readable');
  // That they are gone shows in the next tick, and would stop what flows by then.
  process.nextTick(() => request.resume());
}
