// Waits for a condition that comes about by itself.
import { setTimeout as pause } from 'node:timers/promises';

/** Asks until the answer is as wanted; gives it. Fails with the last answer, or the last error, after 40 s. */
export async function pollUntil<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 40_000;
  for (;;) {
    let last: unknown;
    try {
      const answer = await ask();
      if (wanted(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`It did not come about; at last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
    }
    await pause(50);
  }
}
