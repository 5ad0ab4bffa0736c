// Results that the owner of a connection can end with an error, also while the next one is being waited for.

export interface InterruptibleResults<T> extends AsyncIterableIterator<T> {
  /** What is waited for fails with the error, or the next result does; what it comes from is closed at once. */
  fail(error: Error): void;
}

export function interruptible<T>(results: AsyncIterableIterator<T>): InterruptibleResults<T> {
  let failure: Error | undefined;
  let refuse: (error: Error) => void = () => undefined;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        refuse = reject;
        results.next().then(resolve, reject);
      });
    },
    async return() {
      await results.return?.();
      return { done: true, value: undefined };
    },
    fail(error) {
      failure ??= error;
      refuse(failure);
      void results.return?.();
    },
  };
}
