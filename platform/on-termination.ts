// Ends a process in order when it is told to: first it goes on for a while as one that is leaving, so that load balancers
// notice; then what takes new work ends, last what the rest stands on.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './subgraph/context.ts';

export interface Termination {
  readonly log: Logger;
  /** Begins to say that the process is leaving, while it still serves. */
  readonly drain: () => void;
  readonly drainSeconds: number;
  /** In this order. */
  readonly steps: readonly (() => unknown)[];
}

const patienceMilliseconds = 20_000;

/** On SIGTERM or SIGINT; then exits. A second signal, or 20 s after draining, ends the process at once. */
export function onTermination({ log, drain, drainSeconds, steps }: Termination): void {
  let ending = false;
  const end = async (signal: string) => {
    if (ending) process.exit(1);
    ending = true;
    log.info({ signal, drainSeconds }, 'ending');
    setTimeout(() => process.exit(1), drainSeconds * 1_000 + patienceMilliseconds).unref();
    drain();
    await pause(drainSeconds * 1_000);
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
