// What becomes of a call to a service whose process is being restarted: what surely did not reach it is tried again until
// it is back, for a short while; what was cut off is tried once more when it only reads. Nothing is ever done twice.
import { setTimeout as pause } from 'node:timers/promises';

export interface Call<T> {
  /** It changes nothing, so that asking twice does no harm. */
  readonly reads: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly send: () => Promise<T>;
}

export interface ServiceCalls {
  call<T>(call: Call<T>): Promise<T>;
  /** The service has answered something else. */
  noteAnswer(): void;
}

const retryMilliseconds = 100;

/** No connection: the request was not sent. */
const notReached: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** A connection that ended before the answer: nobody knows what was done. */
const cutOff: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * For one service. `restartMilliseconds` is how long it is waited for, from when it was found gone: after that a call
 * fails at once until the service answers again.
 */
export function createServiceCalls(restartMilliseconds: number): ServiceCalls {
  // Not by the time of day, which may be set back.
  let goneSince: number | undefined;

  /** Whether it may be tried again; when it makes sense to. */
  async function mayTryAgain(error: unknown, { reads, signal }: Call<unknown>, cutOffs: number): Promise<boolean> {
    const { code } = error as { code?: unknown };
    if (signal?.aborted === true) return false;
    if (!notReached.has(code)) return reads && cutOff.has(code) && cutOffs === 0;
    goneSince ??= performance.now();
    if (performance.now() - goneSince > restartMilliseconds) return false;
    await pause(retryMilliseconds, undefined, { signal });
    return true;
  }

  return {
    noteAnswer() {
      goneSince = undefined;
    },
    async call(call) {
      for (let cutOffs = 0; ; ) {
        try {
          const answer = await call.send();
          goneSince = undefined;
          return answer;
        } catch (error) {
          if (!(await mayTryAgain(error, call, cutOffs))) throw error;
          if (cutOff.has((error as { code?: unknown }).code)) cutOffs += 1;
        }
      }
    },
  };
}
