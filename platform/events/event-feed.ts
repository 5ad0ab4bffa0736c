// EventFeed over a bus and a log: remembers the newest events, notices what the bus has lost and reads it from the log.
// Followers pull: one that is slow costs no memory, and reads the log when the memory no longer reaches back to it.
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Logger } from '../subgraph/context.ts';
import type { EventBus } from './bus.ts';
import type { LogEvent, LogPage } from './event.ts';
import { createEventMemory, type EventMemory } from './event-memory.ts';
import type { EventFeed, FeedBatch, FollowOptions } from './feed.ts';
import { wasSkipped } from './skip-positions.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface EventFeedOptions {
  readonly bus: EventBus;
  /** At most `first` events after the position, without gaps, and the bounds of the log at the same moment. */
  readonly readLog: (after: bigint, first: number) => Promise<LogPage>;
  readonly log: Pick<Logger, 'warn'>;
  /** Events remembered at least; 2,000 unless told. */
  readonly memory?: number;
  /** How often to ask the bus whether an event was lost on the way, while somebody follows: milliseconds, 5,000 unless told. */
  readonly checkMs?: number;
}

export function startEventFeed(options: EventFeedOptions): EventFeed {
  return new BusFedFeed(options);
}

/** Events looked at for one batch at most. */
const batchSize = 100;
const longestPauseMs = 5_000;

class BusFedFeed implements EventFeed {
  readonly #options: EventFeedOptions;
  readonly #capacity: number;
  /** Undefined until the log has answered for the first time. */
  #memory: EventMemory | undefined;
  readonly #closing = new AbortController();
  readonly #followers = new Set<AbortController>();
  /** Followers that have seen everything. */
  readonly #waiting = new Set<() => void>();
  #catchingUp: Promise<void> | undefined;
  #missedMeanwhile = false;
  readonly #unsubscribe: () => void;
  readonly #check: NodeJS.Timeout;

  constructor(options: EventFeedOptions) {
    this.#options = options;
    this.#capacity = options.memory ?? 2_000;
    this.#unsubscribe = options.bus.subscribe((events) => this.#receive(events));
    this.#check = setInterval(() => {
      if (this.#followers.size > 0) void this.#catchUpWithBus();
    }, options.checkMs ?? 5_000).unref();
    void this.#catchUp();
  }

  async *follow({ after, types, signal: ending }: FollowOptions): AsyncGenerator<FeedBatch, void> {
    const follower = new AbortController();
    const { signal } = follower;
    const end = () => follower.abort();
    ending.addEventListener('abort', end);
    if (ending.aborted || this.#closing.signal.aborted) end();
    this.#followers.add(follower);
    try {
      // The first follower finds out what was lost while nobody looked.
      if (this.#memory === undefined || this.#followers.size === 1) await unlessAborted(this.#catchUp(), signal);
      let position = after ?? this.#memory?.newest ?? 0n;
      while (!signal.aborted) {
        const events = await this.#next(position, signal);
        const last = events.at(-1);
        if (last !== undefined && !signal.aborted) {
          position = last.position;
          yield { events: types === undefined ? events : events.filter(({ type }) => types.has(type)), upTo: position };
        } else if (position === this.#memory?.newest) await this.#change(signal);
      }
    } finally {
      this.#followers.delete(follower);
      ending.removeEventListener('abort', end);
    }
  }

  async head(signal: AbortSignal): Promise<bigint> {
    // Nobody has looked lately whether something was lost.
    if (this.#memory === undefined || this.#followers.size === 0) await unlessAborted(this.#catchUp(), signal);
    return this.#memory?.newest ?? 0n;
  }

  read(after: bigint, most: number, signal: AbortSignal): Promise<readonly LogEvent[]> {
    return this.#next(after, signal, most);
  }

  close(): void {
    this.#closing.abort();
    this.#unsubscribe();
    clearInterval(this.#check);
    for (const follower of this.#followers) follower.abort();
  }

  /** The events after the position; none when there is nothing new, or when the signal ended it. */
  async #next(position: bigint, signal: AbortSignal, most = batchSize): Promise<readonly LogEvent[]> {
    const memory = this.#memory;
    if (memory !== undefined && position >= memory.reachesBackTo && position <= memory.newest) {
      return memory.after(position, most);
    }
    const page = await this.#readLog(position, most, signal);
    if (page === undefined) return [];
    if (position < page.oldest - 1n || position > page.newest || wasSkipped(position, page))
      throw new AppError('RESYNC_REQUIRED');
    // Without events, the log and the memory differ about where the head is: one of them was put back or left behind.
    if (page.events.length === 0) await unlessAborted(this.#catchUp(), signal);
    return page.events;
  }

  #receive(events: readonly LogEvent[]): void {
    const memory = this.#memory;
    const missing = events.filter((event) => memory?.append(event) !== true);
    this.#wakeFollowers();
    if (missing.length > 0) void this.#catchUp();
  }

  /** Asks the bus whether it had more than came here. Only where it does not know is the log asked. */
  async #catchUpWithBus(): Promise<void> {
    const { bus } = this.#options;
    if (!bus.joinsAll) return this.#catchUp();
    const newest = await bus.newest().catch(() => undefined);
    if (this.#memory === undefined || (newest ?? 0n) !== this.#memory.newest) await this.#catchUp();
  }

  /** Reads from the log what the memory lacks. Never twice at once; what is missed meanwhile makes it go on. */
  #catchUp(): Promise<void> {
    this.#missedMeanwhile = true;
    this.#catchingUp ??= this.#catchUpOnce().finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  async #catchUpOnce(): Promise<void> {
    while (this.#missedMeanwhile) {
      this.#missedMeanwhile = false;
      const known = this.#memory?.newest;
      const page = await this.#readLog(known ?? 0n, known === undefined ? 1 : batchSize, this.#closing.signal);
      if (page === undefined) return;
      if (!this.#remember(page, known)) this.#missedMeanwhile = true;
      this.#wakeFollowers();
    }
  }

  /** Takes a page that was asked for when `known` was the newest position. False when the log has more. */
  #remember(page: LogPage, known: bigint | undefined): boolean {
    if (this.#memory === undefined || known === undefined) {
      this.#memory = createEventMemory(page.newest, this.#capacity);
      return true;
    }
    const memory = this.#memory;
    const wasPutBack = page.newest < known;
    const tooMuch = page.oldest > known + 1n || page.newest - known > BigInt(this.#capacity);
    // Followers find out by themselves, and read the log or are told to start anew.
    if (wasPutBack || tooMuch) memory.restartAt(page.newest);
    for (const event of page.events) memory.append(event);
    return memory.newest >= page.newest;
  }

  /** Asks the log until it answers; undefined when the signal ends it. */
  async #readLog(after: bigint, first: number, signal: AbortSignal): Promise<LogPage | undefined> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        return await this.#options.readLog(after, first);
      } catch (error) {
        if (failures === 0) this.#options.log.warn({ err: error }, 'the log of events cannot be read; trying again');
        await pause(Math.min(100 * 2 ** failures, longestPauseMs), undefined, { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  #wakeFollowers(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next change of the memory, or when the signal ends it. */
  #change(signal: AbortSignal): Promise<void> {
    let wake = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    return unlessAborted(woken, signal).finally(() => this.#waiting.delete(wake));
  }
}
