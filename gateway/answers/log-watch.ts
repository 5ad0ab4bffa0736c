// What the log of events says of answers that are kept: at which position something last happened that they depend on. It
// is relied on only while it is known to be all that there is: asked of the log itself a moment ago, and looked at here.
import type { LogEvent } from '../../platform/events/event.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import type { ChangesHere } from './changes-here.ts';
import type { LogProgress } from './log-progress.ts';
import { settledWithin } from './settled-within.ts';

/** Whether an answer is as it would be now. */
export interface Sight {
  /** `since` is the position of the log before the answer was asked for, `dependsOn` what `ofService` and `ofTopic` give. */
  isCurrent(since: bigint, dependsOn: readonly string[]): boolean;
  /** Whether everything that was changed through this gateway has been seen in the log. */
  hasSeenOwnChanges(): boolean;
}

export interface LogWatch {
  /** As far as the log has been looked at; undefined while nothing is known of it. */
  position(): bigint | undefined;
  /** Undefined while it is not known whether there is more than was seen. */
  look(): Promise<Sight | undefined>;
  close(): void;
}

export interface LogWatchOptions {
  readonly feed: EventFeed;
  readonly readProgress: () => Promise<LogProgress>;
  readonly changes: ChangesHere;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

export const ofService = (service: string): string => `service ${service}`;
export const ofTopic = (type: string): string => `topic ${type}`;

/** So old may be what is known of the log before it is asked again. */
const freshMilliseconds = 1_000;
/** So old may it be at most, where the log does not answer. */
const reliableMilliseconds = 10_000;
/** A request waits no longer than this for what would spare it its own execution. */
const patienceMilliseconds = 250;
/** So long nobody waits for it after it did not answer. */
const restMilliseconds = 1_000;
/** Events that wait for longer are not on their way: nobody gives them positions. */
const mostWaitingSeconds = 2;
/** How often is asked whether the changes that were made here have been seen. */
const settleMilliseconds = 50;

export function watchLog(options: LogWatchOptions): LogWatch {
  return new FeedWatch(options);
}

class FeedWatch implements LogWatch {
  readonly #options: LogWatchOptions;
  readonly #ending = new AbortController();
  /** Of what happened before this nothing is known. */
  #from: bigint | undefined;
  #upTo = -1n;
  readonly #last = new Map<string, bigint>();
  #confirmedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #confirming: Promise<void> | undefined;
  /** Changes made here, up to this count, stand in what was looked at. */
  #seenChanges = -1;
  readonly #waiting = new Set<{ readonly position: bigint; readonly resolve: () => void }>();

  constructor(options: LogWatchOptions) {
    this.#options = options;
    void this.#follow(this.#ending.signal);
  }

  position(): bigint | undefined {
    return this.#from === undefined ? undefined : this.#upTo;
  }

  async look(): Promise<Sight | undefined> {
    const { now, changes } = this.#options;
    if (!this.#isFresh()) await this.#confirmUnlessAway();
    else if (this.#seenChanges < changes.count && now() - this.#askedAt > settleMilliseconds) void this.#confirm();
    if (this.#from === undefined || now() - this.#confirmedAt > reliableMilliseconds) return undefined;
    // Whoever has been told of an event live is not shown an answer from before it.
    const head = await this.#options.feed.head(this.#ending.signal);
    if (this.#upTo < head && !(await settledWithin(this.#reached(head), patienceMilliseconds))) return undefined;
    return {
      isCurrent: (since, dependsOn) => this.#isCurrent(since, dependsOn),
      hasSeenOwnChanges: () => this.#seenChanges === changes.count,
    };
  }

  close(): void {
    this.#ending.abort();
    for (const one of this.#waiting) one.resolve();
  }

  #isCurrent(since: bigint, dependsOn: readonly string[]): boolean {
    if (this.#from === undefined || since < this.#from || since > this.#upTo) return false;
    return dependsOn.every((name) => (this.#last.get(name) ?? 0n) <= since);
  }

  #isFresh(): boolean {
    return this.#options.now() - this.#confirmedAt <= freshMilliseconds;
  }

  /** Requests do not wait one by one for a log that has just not answered. */
  async #confirmUnlessAway(): Promise<void> {
    const { now } = this.#options;
    if (now() < this.#restsUntil) return;
    await settledWithin(this.#confirm(), patienceMilliseconds);
    if (!this.#isFresh()) this.#restsUntil = now() + restMilliseconds;
  }

  #confirm(): Promise<void> {
    this.#confirming ??= this.#ask()
      // The service is away: how old is what is known decides.
      .catch(() => {})
      .finally(() => {
        this.#confirming = undefined;
      });
    return this.#confirming;
  }

  async #ask(): Promise<void> {
    const { now, changes, readProgress } = this.#options;
    const [askedAt, before, seen] = [now(), changes.count, this.#upTo];
    this.#askedAt = askedAt;
    const { newest, waitingSeconds } = await readProgress();
    // Less than was seen: the log was put back, which the feed will say.
    if (newest < seen || (waitingSeconds ?? 0) > mostWaitingSeconds) return;
    if (!(await settledWithin(this.#reached(newest), reliableMilliseconds)) || this.#upTo < newest) return;
    this.#confirmedAt = askedAt;
    if (waitingSeconds === undefined) this.#seenChanges = before;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { feed } = this.#options;
    while (!signal.aborted) {
      const after = await feed.head(signal);
      if (signal.aborted) return;
      // What happened before was not seen.
      this.#from = after;
      this.#last.clear();
      this.#look(after);
      try {
        for await (const { events, upTo } of feed.follow({ after, types: undefined, signal })) {
          for (const event of events) this.#note(event);
          this.#look(upTo);
        }
        return;
      } catch {
        // The log was put back, or does not reach back any more.
        this.#from = undefined;
      }
    }
  }

  #note({ service, type, position }: LogEvent): void {
    this.#last.set(ofService(service), position);
    this.#last.set(ofTopic(type), position);
  }

  #look(position: bigint): void {
    this.#upTo = position;
    for (const one of [...this.#waiting]) if (one.position <= position) one.resolve();
  }

  /** Resolves when the log has been looked at up to this position. */
  #reached(position: bigint): Promise<void> {
    if (position <= this.#upTo || this.#ending.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const one = {
        position,
        resolve: () => {
          this.#waiting.delete(one);
          resolve();
        },
      };
      this.#waiting.add(one);
    });
  }
}
