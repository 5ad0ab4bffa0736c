// Lets a few pieces of hard work run at once, the others wait in line. Who would wait too long is told at once to come
// again, instead of being kept while the line grows.
import { AppError } from './errors.ts';

export interface WorkQueue {
  /** What `work` answers, once it was its turn; SERVICE_UNAVAILABLE when the line is too long or does not move. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export interface WorkQueueLimits {
  readonly atOnce: number;
  readonly mostWaiting: number;
  /** Milliseconds in the line. */
  readonly longestWait: number;
  /** What those are told who find the line too long. */
  readonly busy: string;
}

interface Waiting {
  readonly since: number;
  start(): void;
  giveUp(): void;
}

/** First come, first served. */
export function createWorkQueue({ atOnce, mostWaiting, longestWait, busy }: WorkQueueLimits): WorkQueue {
  const refusal = () => new AppError('SERVICE_UNAVAILABLE', busy);
  const line: Waiting[] = [];
  let running = 0;

  function next(): void {
    running -= 1;
    // Who stands in front has waited longest: no timer is needed to find those who have waited too long.
    while (running < atOnce) {
      const first = line.shift();
      if (first === undefined) return;
      if (performance.now() - first.since <= longestWait) first.start();
      else first.giveUp();
    }
  }

  function turn(): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return Promise.resolve();
    }
    if (line.length >= mostWaiting) return Promise.reject(refusal());
    return new Promise((resolve, reject) => {
      const start = () => {
        running += 1;
        resolve();
      };
      line.push({ since: performance.now(), start, giveUp: () => reject(refusal()) });
    });
  }

  return {
    async run(work) {
      await turn();
      try {
        return await work();
      } finally {
        // What follows a piece of work, on the thread of all requests, comes before the next piece: work that is done
        // faster than its results can be used would only pile them up.
        setImmediate(next);
      }
    },
  };
}
