import { describe, expect, test } from '@jest/globals';
import { interruptible } from './interruptible-results.ts';

interface Waiting {
  resolve(result: IteratorResult<number>): void;
  reject(error: Error): void;
}

/** Yields 1, then answers when it is told to. */
function source() {
  const waiting: Waiting[] = [];
  let first = true;
  let closed = 0;
  const results = interruptible<number>({
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (first) {
        first = false;
        return Promise.resolve({ done: false, value: 1 });
      }
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async return() {
      closed += 1;
      return { done: true, value: undefined };
    },
  });
  return { results, waiting, closed: () => closed };
}

describe('results that can be interrupted', () => {
  const ended = { done: true, value: undefined };

  test('fail while the next one is waited for, and close what they come from', async () => {
    const { results, closed } = source();
    await results.next();
    const next = results.next();
    results.fail(new Error('expired'));
    await expect(next).rejects.toThrow('expired');
    await expect(results.next()).rejects.toThrow('expired');
    expect(closed()).toBe(1);
  });

  test('fail with the next one when none is waited for, without a failure that nobody handles', async () => {
    const { results } = source();
    await results.next();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    results.fail(new Error('expired'));
    results.fail(new Error('another'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    await expect(results.next()).rejects.toThrow('expired');
  });

  test('that a client ends are over at once; a failure of what was waited for reaches nobody', async () => {
    const { results, waiting, closed } = source();
    await results.next();
    const next = results.next();
    await results.return?.();
    waiting[0]?.reject(new Error('aborted'));
    expect(await next).toEqual(ended);
    expect(await results.next()).toEqual(ended);
    expect(closed()).toBe(1);
  });

  test('pass on what comes, and how it ends', async () => {
    const { results, waiting } = source();
    expect(await results.next()).toEqual({ done: false, value: 1 });
    const next = results.next();
    waiting[0]?.resolve({ done: true, value: undefined });
    expect(await next).toEqual(ended);
  });
});
