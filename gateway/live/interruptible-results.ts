// Results whose end does not wait for the one that is being waited for: the client ends them, or the owner of the
// connection does with an error. What comes of the one that was waited for, also a failure, is then nobody's business.

export interface InterruptibleResults<T> extends AsyncIterableIterator<T> {
  /** What is waited for fails with the error, or the next result does; what it comes from is closed at once. */
  fail(error: Error): void;
}

export function interruptible<T>(results: AsyncIterableIterator<T>): InterruptibleResults<T> {
  /** How everything that is asked for from now on is answered. */
  let end: (() => Promise<IteratorResult<T>>) | undefined;
  /** Undefined: nobody waits. */
  let answer: ((result: Promise<IteratorResult<T>>) => void) | undefined;
  const finish = (how: () => Promise<IteratorResult<T>>) => {
    if (end !== undefined) return;
    end = how;
    answer?.(end());
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (end !== undefined) return end();
      return new Promise((resolve, reject) => {
        answer = resolve;
        const settle = () => {
          answer = undefined;
        };
        results.next().finally(settle).then(resolve, reject);
      });
    },
    async return() {
      finish(async () => ({ done: true, value: undefined }));
      await results.return?.();
      return { done: true, value: undefined };
    },
    fail(error) {
      finish(() => Promise.reject(error));
      void results.return?.();
    },
  };
}
