// The bus of a single process: hands events over in memory.
import type { EventBus } from './bus.ts';
import type { LogEvent } from './event.ts';

type Listener = (events: readonly LogEvent[]) => void;

/** `onlyProcess`: no other process can be on the database; so unless told. */
export function createLocalBus({ onlyProcess = true }: { readonly onlyProcess?: boolean } = {}): EventBus {
  const listeners = new Set<Listener>();
  const wakeListeners = new Set<() => void>();
  let newest: bigint | undefined;
  return {
    joinsAll: onlyProcess,
    publish: async (events) => {
      const last = events.at(-1)?.position ?? 0n;
      if (last > (newest ?? 0n)) newest = last;
      for (const listener of [...listeners]) listener(events);
    },
    newest: async () => newest,
    forget: async () => {
      newest = undefined;
    },
    subscribe: (listener) => added(listeners, listener),
    wake: () => {
      for (const listener of [...wakeListeners]) listener();
    },
    onWake: (listener) => added(wakeListeners, listener),
    ping: async () => {},
    close: async () => {
      listeners.clear();
      wakeListeners.clear();
    },
  };
}

/** Wrapped, so that one function given twice is two listeners. */
function added<Args extends unknown[]>(
  listeners: Set<(...args: Args) => void>,
  listener: (...args: Args) => void,
): () => void {
  const own = (...args: Args) => listener(...args);
  listeners.add(own);
  return () => {
    listeners.delete(own);
  };
}
