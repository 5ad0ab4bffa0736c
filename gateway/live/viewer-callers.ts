// Who the viewers of live subscriptions are. Each is asked for once and kept, until the log says that it may be another
// now: so events cost no question, and none that comes later in the log is delivered to who somebody was before.

import type { AppError } from '../../platform/errors.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import { findAppError } from '../../platform/mask-errors.ts';
import { accessTopics, mayEndSession, usersConcerned } from './access-events.ts';
import type { LiveViewer } from './live-subscriptions.ts';

export interface KeptViewer {
  /** Who the viewer is, as far as the log has been looked at; undefined: it has to be asked. */
  readonly known: Caller | undefined;
  /** Who the viewer is, as far as the log has been looked at. Throws as `authenticate` does. */
  caller(): Promise<Caller>;
  /** Who the viewer is at this moment: asked anew. */
  callerNow(): Promise<Caller>;
  /** What is known is not relied on any more. */
  forget(): void;
  release(): void;
}

export interface ViewerCallers {
  /** `onEnd` is called when the session turns out to be over, without anybody asking. */
  keep(viewer: LiveViewer, onEnd: (error: AppError) => void): KeptViewer;
  /** Resolves when the log has been looked at up to this position. */
  lookedUpTo(position: bigint): Promise<void>;
}

export function createViewerCallers(feed: EventFeed): ViewerCallers {
  return new LogWatchedCallers(feed);
}

interface Entry {
  readonly viewer: LiveViewer;
  readonly onEnd: Set<(error: AppError) => void>;
  caller: Caller | undefined;
  /** Whose events are listened to, also while it is not known what the user may do. */
  userId: string | undefined;
  asking: Promise<Caller> | undefined;
  /** Grows whenever what was asked for before is not relied on any more. */
  generation: number;
  /** Users whom the log named while it was asked who this is. */
  readonly named: Set<unknown>;
}

class LogWatchedCallers implements ViewerCallers {
  readonly #feed: EventFeed;
  readonly #entries = new Map<LiveViewer, Entry>();
  readonly #byUser = new Map<string, Set<Entry>>();
  /** Those who are being asked for: whoever is named meanwhile may be one of them. */
  readonly #asking = new Set<Entry>();
  #watch: AbortController | undefined;
  #upTo = -1n;
  readonly #waiting: { readonly position: bigint; readonly resolve: () => void }[] = [];

  constructor(feed: EventFeed) {
    this.#feed = feed;
  }

  keep(viewer: LiveViewer, onEnd: (error: AppError) => void): KeptViewer {
    const entry = this.#entries.get(viewer) ?? this.#add(viewer);
    entry.onEnd.add(onEnd);
    return {
      get known() {
        return entry.caller;
      },
      caller: () => (entry.caller === undefined ? this.#ask(entry) : Promise.resolve(entry.caller)),
      callerNow: () => {
        this.#forget(entry);
        return this.#ask(entry);
      },
      forget: () => this.#forget(entry),
      release: () => {
        entry.onEnd.delete(onEnd);
        if (entry.onEnd.size === 0) this.#remove(entry);
      },
    };
  }

  async lookedUpTo(position: bigint): Promise<void> {
    if (this.#watch === undefined || position <= this.#upTo) return;
    await new Promise<void>((resolve) => this.#waiting.push({ position, resolve }));
  }

  #add(viewer: LiveViewer): Entry {
    const entry: Entry = {
      viewer,
      onEnd: new Set(),
      caller: undefined,
      userId: undefined,
      asking: undefined,
      generation: 0,
      named: new Set(),
    };
    this.#entries.set(viewer, entry);
    // Before anybody is asked for: what changes from now on stands behind the head of the log as it is now.
    if (this.#watch === undefined) {
      this.#watch = new AbortController();
      void this.#follow(this.#watch.signal);
    }
    return entry;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.viewer);
    this.#forget(entry);
    this.#listenTo(entry, undefined);
    if (this.#entries.size > 0) return;
    this.#watch?.abort();
    this.#watch = undefined;
    this.#upTo = -1n;
    this.#wake();
  }

  /** One question, however many ask; again, when the log says meanwhile that the answer may be of before. */
  #ask(entry: Entry): Promise<Caller> {
    entry.asking ??= this.#askUntilCurrent(entry).finally(() => {
      entry.asking = undefined;
      this.#asking.delete(entry);
    });
    return entry.asking;
  }

  async #askUntilCurrent(entry: Entry): Promise<Caller> {
    this.#asking.add(entry);
    for (;;) {
      const { generation } = entry;
      entry.named.clear();
      const caller = await entry.viewer.authenticate();
      if (this.#entries.get(entry.viewer) !== entry) return caller;
      const { userId } = caller.identity;
      if (generation !== entry.generation || entry.named.has(userId)) continue;
      entry.caller = caller;
      if (userId !== entry.userId) this.#listenTo(entry, userId);
      return caller;
    }
  }

  #listenTo(entry: Entry, userId: string | undefined): void {
    if (entry.userId !== undefined) {
      const before = this.#byUser.get(entry.userId);
      before?.delete(entry);
      if (before?.size === 0) this.#byUser.delete(entry.userId);
    }
    entry.userId = userId;
    if (userId !== undefined) this.#byUser.set(userId, (this.#byUser.get(userId) ?? new Set()).add(entry));
  }

  #forget(entry: Entry): void {
    entry.generation += 1;
    entry.caller = undefined;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const after = await this.#feed.head(signal);
      this.#reached(after, signal);
      try {
        for await (const { events, upTo } of this.#feed.follow({ after, types: accessTopics, signal })) {
          for (const event of events) this.#hear(usersConcerned(event), mayEndSession(event));
          this.#reached(upTo, signal);
        }
        return;
      } catch {
        // The log was put back, or does not reach back any more: nothing is known of what was missed.
        for (const entry of this.#entries.values()) this.#forget(entry);
      }
    }
  }

  #hear(userIds: readonly unknown[], askAtOnce: boolean): void {
    for (const userId of userIds) {
      for (const entry of this.#asking) entry.named.add(userId);
      for (const entry of this.#byUser.get(userId as string) ?? []) {
        this.#forget(entry);
        if (askAtOnce) void this.#endWhenOver(entry);
      }
    }
  }

  async #endWhenOver(entry: Entry): Promise<void> {
    try {
      await this.#ask(entry);
    } catch (error) {
      const known = findAppError(error);
      // A service that is away is asked again with the next event.
      if (known === undefined || known.code === 'SERVICE_UNAVAILABLE') return;
      for (const end of [...entry.onEnd]) end(known);
    }
  }

  #reached(position: bigint, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#upTo = position;
    this.#wake();
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ position }) => this.#watch === undefined || position <= this.#upTo);
    for (const one of ready) {
      this.#waiting.splice(this.#waiting.indexOf(one), 1);
      one.resolve();
    }
  }
}
