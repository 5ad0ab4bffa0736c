// Which methods count, and whether they are enough to ask for a second factor.
import { AppError } from '../../../platform/errors.ts';
import type { MfaMethodModel } from '../models.ts';

const confirmationMilliseconds = 3_600_000;

/** Methods that were added before and are still unconfirmed are as good as not there. `now` is in epoch milliseconds. */
export function unconfirmedSince(now: number): Date {
  return new Date(now - confirmationMilliseconds);
}

/** Whether a sign-in can be finished with it. */
export function counts({ verified, codesLeft }: MfaMethodModel): boolean {
  return verified && codesLeft !== 0;
}

/** NOT_ENOUGH_MFA_METHODS unless there is one that proves, and one for the day when that one is lost. */
export function requireEnough(methods: readonly MfaMethodModel[]): void {
  const counting = methods.filter(counts);
  const isEnough =
    counting.some(({ type }) => type !== 'RECOVERY_CODES') && counting.some(({ type }) => type === 'RECOVERY_CODES');
  if (!isEnough) throw new AppError('NOT_ENOUGH_MFA_METHODS', undefined, { code: 133 });
}
