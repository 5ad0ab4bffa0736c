// A bell that somebody sleeps beside. A ring while nobody sleeps is kept for the next one who wants to, so none is lost.

export interface WakeUp {
  ring(): void;
  /** Resolves at the next ring, at once when it rang since the last sleep, and after `milliseconds` anyway. */
  sleep(milliseconds: number): Promise<void>;
}

export function createWakeUp(): WakeUp {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async sleep(milliseconds) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      rung = false;
    },
  };
}
