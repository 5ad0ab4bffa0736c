// How long a user has to wait after wrong codes. It is counted for the user, not for the challenge, so that guessing
// with one fresh challenge after another gains nothing.

export interface Failures {
  /** In a row. */
  readonly failedAttempts: number;
  readonly lastFailedAt: Date | null;
}

/** Milliseconds: 1 second after the first failure, 5 after the fifth, 30 after the tenth. */
export function waitAfter(failedAttempts: number): number {
  return failedAttempts === 0 ? 0 : Math.round(1.46 ** (failedAttempts - 1)) * 1_000;
}

/** Milliseconds until the next attempt is looked at; 0 when that is now. `now` is in epoch milliseconds. */
export function remainingDelay({ failedAttempts, lastFailedAt }: Failures, now: number): number {
  if (lastFailedAt === null) return 0;
  // Who came before the failure and waited for the lock was there at the same time.
  const since = Math.max(0, now - lastFailedAt.getTime());
  return Math.max(0, waitAfter(failedAttempts) - since);
}
