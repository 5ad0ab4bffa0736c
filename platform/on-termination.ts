// Ends a process in order when it is told to: first it goes on for a while as one that is leaving, so that load balancers
// notice; then what takes new work ends, last what the rest stands on.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './subgraph/context.ts';

export interface Termination {
  /** What was registered last is closed first. */
  onEnd(close: () => unknown): void;
  /** Before anything is closed: `begin` says that the process is leaving, and for so long it still serves. */
  drain(seconds: number, begin: () => void): void;
}

const patienceMilliseconds = 20_000;

/** On SIGTERM or SIGINT; then exits. A second signal, or 20 s after draining, ends the process at once. */
export function onTermination(log: Logger): Termination {
  const closing: (() => unknown)[] = [];
  let draining = { seconds: 0, begin: () => {} };
  let ending = false;
  const end = async (signal: string) => {
    if (ending) process.exit(1);
    ending = true;
    const { seconds, begin } = draining;
    log.info({ signal, drainSeconds: seconds }, 'ending');
    setTimeout(() => process.exit(1), seconds * 1_000 + patienceMilliseconds).unref();
    begin();
    await pause(seconds * 1_000);
    let failed = false;
    for (const close of closing.reverse()) {
      try {
        await close();
      } catch (error) {
        failed = true;
        log.error({ err: error }, 'ending: a part did not close');
      }
    }
    process.exit(failed ? 1 : 0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal));
  return {
    onEnd: (close) => closing.push(close),
    drain(seconds, begin) {
      draining = { seconds, begin };
    },
  };
}
