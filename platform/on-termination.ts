// Ends a process in order when it is told to: first what takes new work, last what the rest stands on.
import type { Logger } from './subgraph/context.ts';

const patienceMilliseconds = 20_000;

/** Runs the steps in order on SIGTERM or SIGINT, then exits; a second signal, or 20 s, ends it at once. */
export function onTermination(log: Logger, steps: readonly (() => unknown)[]): void {
  let ending = false;
  const end = async (signal: string) => {
    if (ending) process.exit(1);
    ending = true;
    log.info({ signal }, 'ending');
    setTimeout(() => process.exit(1), patienceMilliseconds).unref();
    let failed = false;
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        failed = true;
        log.error({ err: error }, 'ending: a part did not close');
      }
    }
    process.exit(failed ? 1 : 0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal));
}
