// Runs code that must not take long, and stops it when it does: even inside a regular expression, which nothing else
// can interrupt.
import { createContext, Script } from 'node:vm';

export type Outcome<T> = { readonly value: T } | { readonly timedOut: true };

/** Costs about 0.1 ms a call beside the work itself. The work must not be asynchronous. */
export type BoundedRun = <T>(work: () => T) => Outcome<T>;

export function createBoundedRun(milliseconds: number): BoundedRun {
  const script = new Script('work()');
  const sandbox: { work?: () => unknown } = {};
  const context = createContext(sandbox);
  return <T>(work: () => T): Outcome<T> => {
    sandbox.work = work;
    try {
      return { value: script.runInContext(context, { timeout: milliseconds }) as T };
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { timedOut: true };
      throw error;
    } finally {
      delete sandbox.work;
    }
  };
}
