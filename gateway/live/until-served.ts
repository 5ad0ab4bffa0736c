// Repeats what a service that is away has stopped: events are delayed then, not lost and not delivered in part.
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../platform/errors.ts';
import { findAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';

export interface Waiting {
  /** What is waited for, for the log. */
  readonly service: string;
  /** Asked before each wait: when it fires, the next attempt is made at once. */
  signal(): AbortSignal;
  /** Whether nobody wants the outcome any more. */
  over(): boolean;
  readonly log: Logger;
}

const firstRetryMilliseconds = 100;
const lastRetryMilliseconds = 5_000;

/** Throws what the work throws, but for a service that is away; that as well when it is over. */
export async function untilServed<T>({ service, signal, over, log }: Waiting, work: () => Promise<T>): Promise<T> {
  for (let wait = firstRetryMilliseconds; ; wait = Math.min(wait * 2, lastRetryMilliseconds)) {
    try {
      return await work();
    } catch (error) {
      if (over() || !isAway(error)) throw error;
      log.warn({ reason: (error as Error).message, service }, 'events wait for a service');
      await pause(wait, undefined, { signal: signal(), ref: false }).catch(() => undefined);
    }
  }
}

/** What is no AppError came from the way there. */
function isAway(error: unknown): boolean {
  const known = findAppError(error);
  return known === undefined || known.code === 'SERVICE_UNAVAILABLE';
}

/** The error that `untilServed` waits for, where a result names a service that is away. */
export function away(message: string): AppError {
  return new AppError('SERVICE_UNAVAILABLE', message);
}
