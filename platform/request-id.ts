// The id of the request that a service works on, for what it asks of other services meanwhile: one id leads through the
// logs of all processes. A process that has called this follows every promise, which costs it some: a gateway, which
// hands the id on itself, does not.
import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

export function withRequestId<T>(requestId: string, work: () => T): T {
  return current.run(requestId, work);
}

/** Undefined: this is not done for a request. */
export function currentRequestId(): string | undefined {
  return current.getStore();
}
