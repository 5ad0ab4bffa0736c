// The body of an HTTP request as bytes that arrive, or an error within a known time.
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../platform/errors.ts';

/**
 * The chunks of the body, each read when the last one was dealt with. BAD_REQUEST when the client stops sending for
 * `patience` milliseconds or the connection breaks. The request is left open, so that it can be answered.
 */
export async function* requestBytes(request: IncomingMessage, patience: number): AsyncGenerator<Uint8Array> {
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const next = await withPatience(chunks.next(), patience);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a read that is still under way would hold it up.
    void Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
}

async function withPatience<T>(next: Promise<T>, patience: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(new AppError('BAD_REQUEST', `No bytes came for ${patience / 1000} seconds; the upload was given up.`)),
      patience,
    );
  });
  try {
    return await Promise.race([next, stalled]);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('BAD_REQUEST', 'The upload was cut off before its end.', undefined, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

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
  request.resume();
}
