// How long a user has to wait after wrong codes, held against a plain model of it.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { remainingDelay, waitAfter } from './reattempt-delay.ts';

describe('the waiting period', () => {
  test('is 1 second after the first failure, 5 after the fifth, 30 after the tenth', () => {
    expect([0, 1, 2, 3, 4, 5, 10].map(waitAfter)).toEqual([0, 1_000, 1_000, 2_000, 3_000, 5_000, 30_000]);
  });

  test('never gets shorter', () => {
    for (let count = 1; count < 60; count += 1) expect(waitAfter(count)).toBeGreaterThanOrEqual(waitAfter(count - 1));
  });

  test('counts from the last failure, and ends', () => {
    const failures = { failedAttempts: 5, lastFailedAt: new Date(10_000) };
    expect([10_000, 10_001, 14_999, 15_000, 99_000].map((now) => remainingDelay(failures, now))).toEqual([
      5_000, 4_999, 1, 0, 0,
    ]);
    expect(remainingDelay(failures, 9_000)).toBe(5_000);
    expect(remainingDelay({ failedAttempts: 0, lastFailedAt: null }, 0)).toBe(0);
  });
});

/** Attempts, each so many milliseconds after the one before, right or wrong. */
const attempts = fc.array(fc.record({ after: fc.integer({ min: 0, max: 20_000 }), right: fc.boolean() }), {
  maxLength: 60,
});

/** From the specification: a list of when wrong codes were looked at since the last right one. */
function model(tries: readonly { after: number; right: boolean }[]): string[] {
  const failedAt: number[] = [];
  let now = 0;
  return tries.map(({ after, right }) => {
    now += after;
    const last = failedAt.at(-1);
    const seconds = failedAt.length === 0 ? 0 : Math.round(1.46 ** (failedAt.length - 1));
    if (last !== undefined && now < last + seconds * 1_000) return 'delayed';
    if (right) failedAt.length = 0;
    else failedAt.push(now);
    return right ? 'right' : 'wrong';
  });
}

test('any row of attempts is answered as the plain model says', () => {
  fc.assert(
    fc.property(attempts, (tries) => {
      let failures: { failedAttempts: number; lastFailedAt: Date | null } = { failedAttempts: 0, lastFailedAt: null };
      let now = 0;
      const answers = tries.map(({ after, right }) => {
        now += after;
        if (remainingDelay(failures, now) > 0) return 'delayed';
        failures = right
          ? { failedAttempts: 0, lastFailedAt: null }
          : { failedAttempts: failures.failedAttempts + 1, lastFailedAt: new Date(now) };
        return right ? 'right' : 'wrong';
      });
      expect(answers).toEqual(model(tries));
    }),
  );
});
