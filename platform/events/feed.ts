// The feed: every process's view of the log. Readers pull from a position; what the feed no longer holds in memory
// it reads from the log, so a slow reader costs no memory and loses nothing.
import type { LogEvent } from './event.ts';

export interface FollowOptions {
  /** Start after this position; undefined starts at the head, with what happens from now on. */
  readonly after: bigint | undefined;
  /** Event types wanted; undefined wants all. */
  readonly types: ReadonlySet<string> | undefined;
  /** Ends the iteration. */
  readonly signal: AbortSignal;
}

/** A batch of wanted events. `upTo` is the last position looked at, wanted or not: following on from there misses nothing. */
export interface FeedBatch {
  readonly events: readonly LogEvent[];
  readonly upTo: bigint;
}

export interface EventFeed {
  /** In order, without loss and without repetition. Throws RESYNC_REQUIRED when the log does not go on from `after`. */
  follow(options: FollowOptions): AsyncIterable<FeedBatch>;
  /** The newest position: what happens from now on comes after it. Waits while nothing is known of the log. */
  head(signal: AbortSignal): Promise<bigint>;
  /** The events after the position, at most so many; none when there is nothing new. Throws as `follow` does. */
  read(after: bigint, most: number, signal: AbortSignal): Promise<readonly LogEvent[]>;
  close(): void;
}
