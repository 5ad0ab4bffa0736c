// The bus carries positioned events from the relay to every process, and the relay's wake-up calls back. It may lose
// and repeat: positions have no gaps (but one after a restore), so a reader notices and reads the log (see feed.ts).
import type { LogEvent } from './event.ts';

export interface EventBus {
  /** Called by the relay, in order of position. */
  publish(events: readonly LogEvent[]): Promise<void>;
  /**
   * The position of the newest event that the bus has; undefined when it has none (any more). The relay sees to it that
   * this becomes the head of the log, also after the bus has lost something.
   */
  newest(): Promise<bigint | undefined>;
  /** Drops what it has: for a bus that was used with another state of the log, and so knows of what is no more. */
  forget(): Promise<void>;
  /** Whether it joins every process on the database. Where it does not, only the log knows what others have done. */
  readonly joinsAll: boolean;
  /** Calls the listener with events as they arrive. Returns how to stop. */
  subscribe(listener: (events: readonly LogEvent[]) => void): () => void;
  /** Tells the relay that a transaction with events has committed. Never throws: the relay also looks by itself. */
  wake(): void;
  /** Calls the listener on every wake-up. Returns how to stop. */
  onWake(listener: () => void): () => void;
  /** Rejects when the bus cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
