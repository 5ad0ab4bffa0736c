// How failed sign-ins slow down the next ones: one a second, a minute's rest after each tenth, none after the fiftieth.
import { AppError } from '../../../platform/errors.ts';

/** Failed sign-ins as they are counted, for an account or for an address that nobody has. */
export interface Failures {
  /** In a row. */
  readonly failedCount: number;
  readonly lastFailedAt: Date | null;
}

const paceMs = 1_000;
const freezeMs = 60_000;
const freezesAt: ReadonlySet<number> = new Set([10, 20, 30, 40]);
const most = 50;

/** Why a sign-in at this moment (epoch milliseconds) is not even looked at; undefined when it is. */
export function throttle({ failedCount, lastFailedAt }: Failures, now: number): AppError | undefined {
  if (failedCount >= most) {
    const message = 'Too many sign-ins failed in a row: set a new password, or ask an administrator.';
    return new AppError('TOO_MANY_FAILED_ATTEMPTS', message, { code: 213 });
  }
  // What was forgiven, by a new password or by an administrator, keeps nobody waiting.
  if (failedCount === 0 || lastFailedAt === null) return undefined;
  // Whoever arrived before the failure was at the door at the same time: that is no time at all, not less.
  const since = Math.max(0, now - lastFailedAt.getTime());
  if (freezesAt.has(failedCount) && since < freezeMs) {
    return new AppError('LOGIN_FREEZE', undefined, { code: 212, remainingDelay: freezeMs - since });
  }
  if (since < paceMs) return new AppError('LOGIN_TIMEOUT', undefined, { code: 211, remainingDelay: paceMs - since });
  return undefined;
}
