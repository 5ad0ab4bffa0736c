// What all subscriptions to one operation with the same variables share: one following of the log, and for each batch
// of events one execution for each access class.
import { systemClock } from '../../platform/clock.ts';
import type { AppError } from '../../platform/errors.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import { findAppError, toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { Metrics } from '../metrics.ts';
import type { CurrentOperation, ServedOperation } from './serve-events.ts';
import { shareExecution } from './share-execution.ts';
import type { SharedUpstream, Subscriber } from './subscriber.ts';
import { untilServed } from './until-served.ts';
import type { KeptViewer, ViewerCallers } from './viewer-callers.ts';

export interface UpstreamParts {
  readonly feed: EventFeed;
  readonly callers: ViewerCallers;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Nobody subscribes any more. */
  readonly onEmpty: () => void;
}

/** So long everybody waits for who somebody is. */
const patienceMilliseconds = 250;

export class Upstream implements SharedUpstream {
  readonly #parts: UpstreamParts;
  /** All who subscribe, and of them those who keep up. */
  readonly #subscribers = new Set<Subscriber>();
  readonly #joined = new Set<Subscriber>();
  readonly #closing = new AbortController();
  #operation: ServedOperation;
  #replacing = new AbortController();
  /** Access classes whose answers are personal, for the operation as it is served now. */
  #personal = new Set<string>();
  /** The position up to which events were taken to be delivered; undefined: nobody has joined yet. */
  #taken: bigint | undefined;

  constructor(operation: Omit<ServedOperation, 'signal'>, parts: UpstreamParts) {
    this.#parts = parts;
    this.#operation = { ...operation, signal: this.#closing.signal };
  }

  get operation(): CurrentOperation {
    return { ...this.#operation, replaced: this.#replacing.signal };
  }

  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.leave(subscriber);
    if (!this.#subscribers.delete(subscriber) || this.#subscribers.size > 0) return;
    this.#closing.abort();
    this.#replacing.abort();
    this.#parts.onEmpty();
  }

  join(subscriber: Subscriber): boolean {
    if (this.#taken === undefined) {
      this.#taken = subscriber.position;
      void this.#run();
    }
    return this.joinIfFollowing(subscriber);
  }

  joinIfFollowing(subscriber: Subscriber): boolean {
    if (this.#taken === undefined || subscriber.position < this.#taken) return false;
    this.#joined.add(subscriber);
    this.#parts.metrics.live.keepingUp.inc();
    return true;
  }

  leave(subscriber: Subscriber): void {
    if (this.#joined.delete(subscriber)) this.#parts.metrics.live.keepingUp.dec();
  }

  /** The operation is served by another supergraph from now on. What waits for a service tries again with it at once. */
  replace(operation: Omit<ServedOperation, 'signal'>): void {
    this.#operation = { ...operation, signal: this.#closing.signal };
    this.#personal = new Set();
    const before = this.#replacing;
    this.#replacing = new AbortController();
    before.abort();
  }

  /** For all subscribers. */
  end(error: AppError): void {
    for (const subscriber of [...this.#subscribers]) subscriber.end(error);
  }

  async #run(): Promise<void> {
    const { feed, log } = this.#parts;
    while (!this.#closing.signal.aborted) {
      const { topics: types, replaced: signal } = this.operation;
      try {
        for await (const { events, upTo } of feed.follow({ after: this.#taken, types, signal })) {
          this.#taken = upTo;
          await this.#deliver(events, upTo);
        }
        // It ends when the operation was replaced, or with the feed itself.
        if (!signal.aborted) return;
      } catch (error) {
        if (!this.#closing.signal.aborted) this.end(toAppError(error, log));
        return;
      }
    }
  }

  async #deliver(events: readonly LogEvent[], upTo: bigint): Promise<void> {
    const members = [...this.#joined];
    if (events.length > 0 && members.length > 0) await this.#serve(members, events, upTo);
    else for (const member of members) member.passed(upTo);
  }

  async #serve(members: readonly Subscriber[], events: readonly LogEvent[], upTo: bigint): Promise<void> {
    const { callers, metrics, log } = this.#parts;
    // Whose access changed before these events is known then.
    await callers.lookedUpTo(upTo);
    const there = () => members.filter((member) => this.#joined.has(member));
    const waiting = {
      service: this.#operation.plan.service,
      log,
      over: () => this.#closing.signal.aborted || there().length === 0,
      signal: () => this.#replacing.signal,
    };
    const served = await untilServed(waiting, async () => {
      const operation = this.#operation;
      try {
        const known = await this.#callersOf(there());
        const sharing = { personal: this.#personal, onExecution: () => metrics.live.executions.inc() };
        const outcomes = await shareExecution(operation, new Set(known.values()), events, sharing);
        return { known, outcomes };
      } catch (error) {
        // What was known of the viewers gets old while a service is away.
        for (const { viewer } of members) viewer?.forget();
        throw error;
      }
    }).catch((error: unknown) => {
      if (there().length > 0) throw error;
      return undefined;
    });
    for (const [member, caller] of served?.known ?? []) {
      if (!this.#joined.has(member)) continue;
      const outcome = served?.outcomes.get(caller);
      if (Array.isArray(outcome)) member.offer(outcome, events, upTo);
      else member.end(outcome as AppError);
    }
    for (const { createdAt } of events)
      metrics.live.lag.observe(Math.max(0, systemClock() - createdAt.getTime()) / 1_000);
  }

  /**
   * Who is not signed in any more ends here; who it takes long to find out of, for example because a client has yet to
   * hand in its next token, goes on by itself. Throws when a service is away.
   */
  async #callersOf(members: readonly Subscriber[]): Promise<Map<Subscriber, Caller>> {
    const known = new Map<Subscriber, Caller>();
    const unknown: Subscriber[] = [];
    for (const member of members) {
      const caller = member.viewer?.known;
      if (caller === undefined) unknown.push(member);
      else known.set(member, caller);
    }
    if (unknown.length === 0) return known;
    const asking = Promise.all(
      unknown.map(async (member) => {
        try {
          known.set(member, await (member.viewer as KeptViewer).caller());
        } catch (error) {
          const refusal = findAppError(error);
          if (refusal === undefined || refusal.code === 'SERVICE_UNAVAILABLE') throw error;
          member.end(refusal);
        }
      }),
    );
    await within(patienceMilliseconds, asking);
    const found = new Map(known);
    for (const member of unknown) if (this.#joined.has(member) && !found.has(member)) member.fallBehind();
    return found;
  }
}

/** Resolves when the work is done or the time is over; rejects when the work fails in this time. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  // It may fail when nobody waits for it any more.
  work.catch(() => undefined);
  await Promise.race([work, over]).finally(() => clearTimeout(timer));
}
