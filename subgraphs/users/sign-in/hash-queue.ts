// Lets a few pieces of hard work run at once, the others wait in line. Who would wait too long is told at once to come
// again, instead of being kept while the line grows.
import { AppError } from '../../../platform/errors.ts';

export interface HashQueue {
  /** What `work` answers, once it was its turn; SERVICE_UNAVAILABLE when the line is too long or does not move. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export interface HashQueueLimits {
  readonly atOnce: number;
  readonly mostWaiting: number;
  /** Milliseconds in the line. */
  readonly longestWait: number;
}

interface Waiting {
  readonly since: number;
  start(): void;
  giveUp(): void;
}

const busy = () => new AppError('SERVICE_UNAVAILABLE', 'Too many passwords are being checked: try again in a moment.');

/** First come, first served. */
export function createHashQueue({ atOnce, mostWaiting, longestWait }: HashQueueLimits): HashQueue {
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
    if (line.length >= mostWaiting) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      const start = () => {
        running += 1;
        resolve();
      };
      line.push({ since: performance.now(), start, giveUp: () => reject(busy()) });
    });
  }

  return {
    async run(work) {
      await turn();
      try {
        return await work();
      } finally {
        // What follows a hash, on the thread of all requests, comes before the next hash: work that is done faster
        // than its results can be used would only pile them up.
        setImmediate(next);
      }
    },
  };
}
