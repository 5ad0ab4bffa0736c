// The id of the request that is being worked on, for what is asked of other services on its behalf: one id leads through
// the logs of all processes.
import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

export function withRequestId<T>(requestId: string, work: () => T): T {
  return current.run(requestId, work);
}

/** Undefined: this is not done for a request. */
export function currentRequestId(): string | undefined {
  return current.getStore();
}
