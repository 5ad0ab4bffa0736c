// Runs code that must not take long, and stops it when it does: even inside a regular expression, which nothing else
// can interrupt.
import { createContext, Script } from 'node:vm';

export type Outcome<T> = { readonly value: T } | { readonly timedOut: true };

/** Costs about 0.1 ms a call beside the work itself. The work must not be asynchronous, and may be done twice. */
export type BoundedRun = <T>(work: () => T) => Outcome<T>;

/** On a machine that is busy with others, time goes by in which this process did nothing: so much more it gets then. */
export const patience = 8;

/** What is left for all bounded runs of a piece of work, or of several that belong together: they take from it. */
export interface Budget {
  milliseconds: number;
}

/** Work is synchronous, so that there is one at a time. */
let budget: Budget | undefined;

/** `usedMilliseconds`: how much time of the processor this process has used; the clock on the wall also counts others. */
export function createBoundedRun(milliseconds: number, usedMilliseconds = cpuMilliseconds): BoundedRun {
  const script = new Script('work()');
  const sandbox: { work?: () => unknown } = {};
  const context = createContext(sandbox);
  const runFor = <T>(work: () => T, timeout: number): Outcome<T> => {
    sandbox.work = work;
    try {
      return { value: script.runInContext(context, { timeout: Math.max(1, Math.ceil(timeout)) }) as T };
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { timedOut: true };
      throw error;
    } finally {
      delete sandbox.work;
    }
  };
  return <T>(work: () => T): Outcome<T> => {
    const limit = Math.min(milliseconds, budget?.milliseconds ?? milliseconds);
    if (limit <= 0) return { timedOut: true };
    const begin = usedMilliseconds();
    const first = runFor(work, limit);
    const hardlyRan = 'timedOut' in first && usedMilliseconds() - begin < limit / 2;
    const outcome = hardlyRan ? runFor(work, patience * limit) : first;
    if (budget !== undefined) budget.milliseconds -= usedMilliseconds() - begin;
    return outcome;
  };
}

/** All bounded runs inside `work` share the time of the processor that is left; when it is used up, the work has timed out. */
export function withinBudget<T>(own: Budget, work: () => T): Outcome<T> {
  const outer = budget;
  budget = own;
  try {
    const value = work();
    return own.milliseconds > 0 ? { value } : { timedOut: true };
  } catch (error) {
    if (own.milliseconds <= 0) return { timedOut: true };
    throw error;
  } finally {
    budget = outer;
  }
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
