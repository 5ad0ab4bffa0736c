// Runs synchronous code for a limited time, and stops it in the middle when the time is over. What the code was working on
// is then in no known state: whoever uses this throws it away.
import { createContext, Script } from 'node:vm';

export type Outcome<T> = { readonly value: T } | { readonly isInterrupted: true };

/** Costs about 0.1 ms a call. Milliseconds are those of the clock: the process may have been waiting for a processor. */
export function createInterruptibleRun(milliseconds: number): <T>(work: () => T) => Outcome<T> {
  const script = new Script('work()');
  const sandbox: { work?: () => unknown } = {};
  const context = createContext(sandbox);
  return <T>(work: () => T) => {
    sandbox.work = work;
    try {
      return { value: script.runInContext(context, { timeout: Math.max(1, Math.ceil(milliseconds)) }) as T };
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { isInterrupted: true };
      throw error;
    } finally {
      delete sandbox.work;
    }
  };
}
