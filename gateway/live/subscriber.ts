// One subscription of one viewer. As long as it keeps up it gets what its upstream hands it; when it is behind, because
// it resumes from a position or because its client is slow, it reads the log by itself from where it is, until it can
// join (again). So it loses nothing, gets nothing twice, and holds a bounded number of results.
import type { AppError } from '../../platform/errors.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import { toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { Metrics } from '../metrics.ts';
import type { LiveResult } from './live-subscriptions.ts';
import { ResultQueue } from './result-queue.ts';
import type { CurrentOperation } from './serve-events.ts';
import { checkFollowing } from './serve-events.ts';
import { shareExecution } from './share-execution.ts';
import { untilServed } from './until-served.ts';
import type { KeptViewer } from './viewer-callers.ts';

/** Results that wait for the client. */
const mostQueued = 100;
/** Events that are looked at together by one that is behind. */
const readAtOnce = 500;

/** What a subscriber knows of what it shares with others. */
export interface SharedUpstream {
  readonly operation: CurrentOperation;
  /** For one who stands at the head of the log. False when the upstream has gone on meanwhile. */
  join(subscriber: Subscriber): boolean;
  /** The same for one who may be behind. */
  joinIfFollowing(subscriber: Subscriber): boolean;
  /** It reads the log by itself from now on. */
  leave(subscriber: Subscriber): void;
  /** It has ended. Who is removed last frees everything at once. */
  remove(subscriber: Subscriber): void;
}

export interface SubscriberParts {
  readonly upstream: SharedUpstream;
  readonly feed: EventFeed;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The last position that the client has seen; undefined: from now on. */
  readonly after: bigint | undefined;
  /** Called once, however it ends. */
  readonly onEnd: () => void;
}

export class Subscriber {
  readonly #parts: SubscriberParts;
  readonly #queue = new ResultQueue(mostQueued);
  readonly #closing = new AbortController();
  #viewer: KeptViewer | undefined;
  #position = 0n;

  constructor(parts: SubscriberParts) {
    this.#parts = parts;
  }

  /** All that concerns it up to here is in the queue. */
  get position(): bigint {
    return this.#position;
  }

  get viewer(): KeptViewer | undefined {
    return this.#viewer;
  }

  /** «From now on» is the moment of this call. */
  async start(keepViewer: (onEnd: (error: AppError) => void) => KeptViewer): Promise<void> {
    const { upstream, feed, after } = this.#parts;
    const { signal } = this.#closing;
    const viewer = keepViewer((error) => this.end(error));
    this.#viewer = viewer;
    try {
      const head = feed.head(signal);
      const caller = await viewer.caller();
      await checkFollowing(upstream.operation, caller);
      this.#position = after ?? (await head);
      // A position of the client's may be one that the log does not have: reading from it tells.
      await this.#catchUp({ mayJoin: after === undefined });
    } catch (error) {
      this.#fail(error);
    }
  }

  take(): Promise<IteratorResult<LiveResult, undefined>> {
    return this.#queue.take();
  }

  /** What the upstream has of the events up to this position, in order. When there is no room for it, it leaves. */
  offer(results: readonly (LiveResult | null)[], events: readonly LogEvent[], upTo: bigint): void {
    for (const [index, result] of results.entries()) {
      const { position } = events[index] as LogEvent;
      if (result === null || position <= this.#position) continue;
      if (!this.#queue.push(result)) {
        this.#parts.metrics.live.overflows.inc();
        this.fallBehind();
        return;
      }
      this.#position = position;
    }
    this.passed(upTo);
  }

  /** Goes on by itself from where it is. */
  fallBehind(): void {
    this.#parts.upstream.leave(this);
    void this.#catchUpOrEnd();
  }

  /** Nothing up to here concerns it. */
  passed(upTo: bigint): void {
    if (upTo > this.#position) this.#position = upTo;
  }

  /** With an error, what is in the queue is given out before; not so to who is not signed in any more. */
  end(error: AppError | undefined): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#queue.end(error, { atOnce: error === undefined || error.code === 'UNAUTHENTICATED' });
    this.#parts.upstream.remove(this);
    this.#viewer?.release();
    this.#parts.onEnd();
  }

  async #catchUpOrEnd(): Promise<void> {
    await this.#catchUp({ mayJoin: false }).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (!this.#closing.signal.aborted) this.end(toAppError(error, this.#parts.log));
  }

  /** Reads the log batch by batch, the next one while one is being served, until it stands where the upstream does. */
  async #catchUp({ mayJoin }: { readonly mayJoin: boolean }): Promise<void> {
    const { upstream, metrics } = this.#parts;
    const { signal } = this.#closing;
    if (signal.aborted || (mayJoin && upstream.join(this))) return;
    metrics.live.catchingUp.inc();
    try {
      let next = this.#read(this.#position);
      while (!signal.aborted) {
        const events = await next;
        const last = events.at(-1);
        if (last === undefined) {
          if (signal.aborted || upstream.join(this)) return;
          next = this.#read(this.#position);
          continue;
        }
        next = this.#read(last.position);
        next.catch(() => undefined);
        await this.#serve(events);
        this.passed(last.position);
        if (upstream.joinIfFollowing(this)) return;
      }
    } finally {
      metrics.live.catchingUp.dec();
    }
  }

  #read(after: bigint): Promise<readonly LogEvent[]> {
    return this.#parts.feed.read(after, readAtOnce, this.#closing.signal);
  }

  /** By an execution of its own, as who the viewer is at this moment. */
  async #serve(events: readonly LogEvent[]): Promise<void> {
    const { upstream, metrics, log } = this.#parts;
    const { signal } = this.#closing;
    // Not before there is room for some of it: what is read then is as it is then.
    await this.#queue.room();
    const service = upstream.operation.plan.service;
    const waiting = { service, log, over: () => signal.aborted, signal: () => upstream.operation.replaced };
    const [wanted, results] = await untilServed(waiting, async () => {
      const { operation } = upstream;
      const concerned = events.filter(({ type }) => operation.topics?.has(type) ?? true);
      if (concerned.length === 0 || signal.aborted) return [concerned, []] as const;
      const caller = await (this.#viewer as KeptViewer).callerNow();
      const onExecution = () => metrics.live.executions.inc();
      const sharing = { personal: new Set<string>(), onExecution };
      const outcome = (await shareExecution({ ...operation, signal }, new Set([caller]), concerned, sharing)).get(
        caller,
      );
      if (!Array.isArray(outcome)) throw outcome;
      return [concerned, outcome as readonly (LiveResult | null)[]] as const;
    });
    for (const [index, result] of results.entries()) {
      if (signal.aborted) return;
      if (result === null) continue;
      while (!this.#queue.push(result)) await this.#queue.room();
      this.passed((wanted[index] as LogEvent).position);
    }
  }
}
