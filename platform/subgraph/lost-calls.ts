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

export interface ServiceCallOptions {
  /** How long the service is waited for, from when it was found gone: after that a call fails at once until it is back. */
  readonly restartMilliseconds: number;
  /** Whether the process that answered last is leaving. */
  readonly isLeaving: () => boolean;
  /** Asks the service something small. Rejects when it is gone. */
  readonly ask: () => Promise<unknown>;
}

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

export function isNotReached(error: unknown): boolean {
  return notReached.has((error as { code?: unknown }).code);
}

/** A connection that ended before the answer: nobody knows what was done. */
const cutOff: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** For one service. */
export function createServiceCalls({ restartMilliseconds, isLeaving, ask }: ServiceCallOptions): ServiceCalls {
  // Not by the time of day, which may be set back.
  let goneSince: number | undefined;

  /** Whether it may be tried again; when it makes sense to. */
  async function mayTryAgain(error: unknown, { reads, signal }: Call<unknown>, cutOffs: number): Promise<boolean> {
    const { code } = error as { code?: unknown };
    if (signal?.aborted === true) return false;
    if (!isNotReached(error)) return reads && cutOff.has(code) && cutOffs === 0;
    goneSince ??= performance.now();
    if (performance.now() - goneSince > restartMilliseconds) return false;
    await pause(retryMilliseconds, undefined, { signal });
    return true;
  }

  /**
   * Until the process that is leaving is gone, or another one answers in its place: a change that were sent to it could
   * be cut off at its end, and nobody would know whether it was made.
   */
  async function untilLeft(signal: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + restartMilliseconds;
    while (isLeaving() && performance.now() < deadline) {
      await pause(retryMilliseconds, undefined, { signal });
      const isThere = await ask().then(
        () => true,
        () => false,
      );
      // What follows finds out by itself, and waits for its return.
      if (!isThere) return;
    }
  }

  return {
    noteAnswer() {
      goneSince = undefined;
    },
    async call(call) {
      if (!call.reads) await untilLeft(call.signal);
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
