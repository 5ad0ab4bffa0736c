// Gives committed events their position, hands them to the bus, and keeps the log in shape. Every process may start a
// relay: one of them works, chosen by a lease, and another takes over when that one is gone. Two at once would do no
// harm (number-events.ts, segments.ts).
import { type Clock, systemClock } from '../clock.ts';
import type { OpenDatabase } from '../database/open-database.ts';
import type { Lease } from '../database/sql-connection.ts';
import type { Logger } from '../subgraph/context.ts';
import { createHeadAnnouncer } from './announce-head.ts';
import type { EventBus } from './bus.ts';
import type { LogDatabase } from './log.ts';
import { createLogKeeper } from './log-keeper.ts';
import { numberEvents } from './number-events.ts';
import type { Keep } from './retention.ts';
import { createWakeUp } from './wake-up.ts';

export interface RelayOptions {
  readonly database: OpenDatabase;
  readonly bus: EventBus;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** How long the log keeps events; all of them unless told. */
  readonly keep?: Keep;
  /** The time that decides on the age of events; the machine's unless told. */
  readonly clock?: Clock;
  /** How often to look whether events are to be dropped: milliseconds, 60,000 unless told. */
  readonly keepCheckMs?: number;
  /** How long to wait for a wake-up, for another relay's end, or after a failure: milliseconds, 2,000 unless told. */
  readonly pollMs?: number;
}

export interface Relay {
  /** Resolves when what is being relayed is through. */
  close(): Promise<void>;
}

/** Whoever holds it gives positions. */
export const relayLease = 'relay';

/** Numbered in one transaction at most. */
const batch = 500;

const everything: Keep = { milliseconds: Number.POSITIVE_INFINITY, events: Number.POSITIVE_INFINITY };

export function startRelay(options: RelayOptions): Relay {
  const { database, bus, log, pollMs = 2_000, keep = everything, clock = systemClock, keepCheckMs } = options;
  const events: LogDatabase = database.forService('events');
  const keeper = createLogKeeper({ connection: database.connection, keep, clock, log, checkMs: keepCheckMs });
  const head = createHeadAnnouncer(events, bus);
  const bell = createWakeUp();
  let closed = false;

  /** What waits for a position. Positions are committed first: where the bus fails, readers see a gap and read the log. */
  async function relayWaiting(): Promise<void> {
    for (;;) {
      const numbered = await numberEvents(events, batch);
      head.noteNumbered(numbered);
      if (numbered.length === 0) await head.announce();
      else {
        await bus.publish(numbered).catch((error: unknown) => log.warn({ err: error }, 'the bus did not take events'));
      }
      await keeper.tend(numbered.length);
      if (numbered.length < batch) return;
    }
  }

  async function work(lease: Lease): Promise<void> {
    const onLost = () => bell.ring();
    lease.lost.addEventListener('abort', onLost);
    try {
      while (!closed && !lease.lost.aborted) {
        await relayWaiting();
        await bell.sleep(pollMs);
      }
    } finally {
      lease.lost.removeEventListener('abort', onLost);
      await lease.release();
    }
  }

  async function run(): Promise<void> {
    let failing = false;
    while (!closed) {
      try {
        const lease = await database.tryLease(relayLease);
        if (failing) log.info({}, 'events are relayed again');
        failing = false;
        if (lease === undefined) await sleepUnlessClosed();
        else await work(lease);
      } catch (error) {
        if (!failing) log.warn({ err: error }, 'events cannot be relayed; trying again');
        failing = true;
        await sleepUnlessClosed();
      }
    }
  }

  /** Wake-ups are for the relay that works: one that only waits for its turn does not look sooner for them. */
  async function sleepUnlessClosed(): Promise<void> {
    // Not by the time of day, which may be set back.
    const until = performance.now() + pollMs;
    while (!closed && performance.now() < until) await bell.sleep(until - performance.now());
  }

  const stopListening = bus.onWake(() => bell.ring());
  const done = run();
  return {
    close() {
      closed = true;
      stopListening();
      bell.ring();
      return done;
    },
  };
}
