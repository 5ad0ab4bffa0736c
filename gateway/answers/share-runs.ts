// Runs of the same thing at the same time become one. Who comes while one is under way gets its outcome, unless something
// was changed since it began, or it has been under way for long.
import { setMaxListeners } from 'node:events';
import type { ChangesHere } from './changes-here.ts';

/** `signal` fires when nobody waits for the outcome any more. */
export type Run<T> = (signal: AbortSignal | undefined) => Promise<T>;

export interface SharedRun<T> {
  readonly outcome: T;
  /** It was begun for somebody else. */
  readonly isJoined: boolean;
}

export interface ShareRuns<T> {
  /** Undefined where one was joined whose outcome is not for this caller: `isGood` says. Rejects as an own run does. */
  run(
    key: string,
    signal: AbortSignal | undefined,
    run: Run<T>,
    isGood: (outcome: T) => boolean,
  ): Promise<SharedRun<T> | undefined>;
}

/** Each runs by itself. */
export function runAlone<T>(): ShareRuns<T> {
  return { run: async (_key, signal, run) => ({ outcome: await run(signal), isJoined: false }) };
}

export interface ShareRunsOptions {
  readonly changes: ChangesHere;
  readonly now: () => number;
}

/** Whoever comes later than this gets what is true later, too. */
const joinableMilliseconds = 500;

interface Flight<T> {
  readonly outcome: Promise<T>;
  readonly since: number;
  readonly changes: number;
  readonly abort: AbortController;
  waiting: number;
}

export function shareRuns<T>({ changes, now }: ShareRunsOptions): ShareRuns<T> {
  const flights = new Map<string, Flight<T>>();

  function begin(key: string, run: Run<T>): Flight<T> {
    const abort = new AbortController();
    // Every fetch of a large operation listens.
    setMaxListeners(0, abort.signal);
    const flight: Flight<T> = {
      outcome: run(abort.signal),
      since: now(),
      changes: changes.count,
      abort,
      waiting: 0,
    };
    flights.set(key, flight);
    const end = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.outcome.then(end, end);
    return flight;
  }

  function joinable(key: string): Flight<T> | undefined {
    const flight = flights.get(key);
    if (flight === undefined || flight.changes !== changes.count || flight.abort.signal.aborted) return undefined;
    return now() - flight.since > joinableMilliseconds ? undefined : flight;
  }

  /** Who goes away counts no more: it ends when all have gone, and for nobody before. */
  async function wait(flight: Flight<T>, signal: AbortSignal | undefined): Promise<T> {
    const leave = () => {
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.abort.abort();
    };
    flight.waiting += 1;
    if (signal?.aborted === true) leave();
    else signal?.addEventListener('abort', leave, { once: true });
    try {
      return await flight.outcome;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  return {
    async run(key, signal, run, isGood) {
      const flight = joinable(key);
      if (flight === undefined) return { outcome: await wait(begin(key, run), signal), isJoined: false };
      // What is broken may be so for who began it only.
      const outcome = await wait(flight, signal).catch(() => undefined);
      return outcome !== undefined && isGood(outcome) ? { outcome, isJoined: true } : undefined;
    },
  };
}
