import { describe, expect, test } from '@jest/globals';
import { throttle } from './ladder.ts';

const now = 1_800_000_000_000;
const refusal = (failedCount: number, milliseconds: number) =>
  throttle({ failedCount, lastFailedAt: new Date(now - milliseconds) }, now);

describe('the ladder of failed sign-ins', () => {
  test.each([50, 51, 1_000])('after %i failures nothing goes any more, however long one waits', (failedCount) => {
    for (const wait of [0, 60_000, 10 * 365 * 24 * 3_600_000]) {
      expect(refusal(failedCount, wait)).toMatchObject({ code: 'TOO_MANY_FAILED_ATTEMPTS', details: { code: 213 } });
    }
    expect(throttle({ failedCount, lastFailedAt: null }, now)).toMatchObject({ code: 'TOO_MANY_FAILED_ATTEMPTS' });
  });

  test.each([10, 20, 30, 40])('after %i failures a minute must pass', (failedCount) => {
    const details = { code: 212, remainingDelay: 1 };
    expect(refusal(failedCount, 59_999)).toMatchObject({ code: 'LOGIN_FREEZE', details });
    expect(refusal(failedCount, 0)).toMatchObject({ details: { remainingDelay: 60_000 } });
    expect(refusal(failedCount, 60_000)).toBeUndefined();
  });

  test.each([1, 9, 11, 25, 49])('after %i failures a second must pass', (failedCount) => {
    const details = { code: 211, remainingDelay: 1 };
    expect(refusal(failedCount, 999)).toMatchObject({ code: 'LOGIN_TIMEOUT', details });
    expect(refusal(failedCount, 1_000)).toBeUndefined();
  });

  test('who came before the failure waits as if coming with it', () => {
    expect(refusal(3, -5_000)).toMatchObject({ code: 'LOGIN_TIMEOUT', details: { remainingDelay: 1_000 } });
  });

  test('without failures there is no wait', () => {
    expect(throttle({ failedCount: 0, lastFailedAt: null }, now)).toBeUndefined();
    expect(refusal(0, 1)).toBeUndefined();
  });
});
