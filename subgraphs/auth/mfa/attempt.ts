// One attempt to prove a second factor: how wrong ones are counted, and that the next has to wait.
import { AppError } from '../../../platform/errors.ts';
import type { AuthDatabase, AuthTransaction } from '../auth-parts.ts';
import { remainingDelay } from './reattempt-delay.ts';
import { clearFailures, findFailures, insertFailure, type LockedSetting } from './store.ts';

export interface Attempt {
  readonly userId: string;
  /** Under lock, so that of attempts at the same moment one is looked at and the others have to wait. */
  readonly setting: LockedSetting;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Null when `isRight` says so; otherwise the refusal: MFA_REATTEMPT_DELAY while the user has to wait, whatever the code,
 * and INVALID_MFA_CODE for a wrong one. It is returned, because the transaction has to be committed with the count.
 */
export async function attempt(
  tx: AuthTransaction,
  { userId, setting, now }: Attempt,
  isRight: () => Promise<boolean>,
): Promise<AppError | null> {
  const refusal = delayed(setting, now);
  if (refusal !== null) return refusal;
  if (!(await isRight())) {
    await insertFailure(tx.db, userId, now);
    return new AppError('INVALID_MFA_CODE', undefined, { code: 130 });
  }
  if (setting.failedAttempts > 0) await clearFailures(tx.db, userId);
  return null;
}

/** MFA_REATTEMPT_DELAY while the user has to wait: for what is worked out before the lock is taken. */
export async function requireNoDelay({ db }: AuthDatabase, userId: string, now: number): Promise<void> {
  const setting = await findFailures(db, userId);
  const refusal = setting === null ? null : delayed(setting, now);
  if (refusal !== null) throw refusal;
}

function delayed(setting: LockedSetting, now: number): AppError | null {
  const remaining = remainingDelay(setting, now);
  if (remaining === 0) return null;
  return new AppError('MFA_REATTEMPT_DELAY', undefined, { code: 134, remainingDelay: remaining });
}
