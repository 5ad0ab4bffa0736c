// Results that can be closed while the next one is being waited for: a generator alone would only notice afterwards.

export interface ClosableHooks {
  onItem(): void;
  /** Called once, however it ends. */
  onClose(): void;
}

export function closable<T>(results: AsyncGenerator<T>, hooks: ClosableHooks): AsyncIterableIterator<T> {
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    hooks.onClose();
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        const item = await results.next();
        if (item.done) close();
        else hooks.onItem();
        return item;
      } catch (error) {
        close();
        throw error;
      }
    },
    async return() {
      close();
      // Not awaited: it ends when what it is waiting for has noticed.
      void results.return(undefined).catch(() => undefined);
      return { done: true, value: undefined };
    },
  };
}
