// The body of an HTTP request as bytes that arrive, or an error within a known time.
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../platform/errors.ts';

/**
 * The chunks of the body, each read when the last one was dealt with. BAD_REQUEST when the client stops sending for
 * `patience` milliseconds or the connection breaks, and when `signal` says that nobody wants more. The request is left
 * open, so that it can be answered.
 */
export function requestBytes(
  request: IncomingMessage,
  patience: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  return patiently(request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>, patience, signal);
}

/** The same items, as they arrive; BAD_REQUEST when none comes for `patience` milliseconds, or their source breaks. */
export async function* patiently<T>(
  items: AsyncIterator<T>,
  patience: number,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  try {
    for (;;) {
      const next = await withPatience(items.next(), patience, signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a read that is still under way would hold it up.
    void Promise.resolve(items.return?.()).catch(() => undefined);
  }
}

async function withPatience<T>(next: Promise<T>, patience: number, signal?: AbortSignal): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_resolve, reject) => {
    const giveUp = () =>
      reject(new AppError('BAD_REQUEST', `No bytes came for ${patience / 1000} seconds; the upload was given up.`));
    const timer = setTimeout(giveUp, patience);
    signal?.addEventListener('abort', giveUp);
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
  });
  try {
    return await Promise.race([next, stopped]);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('BAD_REQUEST', 'The upload was cut off before its end.', undefined, { cause: error });
  } finally {
    stop();
  }
}
