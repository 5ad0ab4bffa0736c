// Hands the events that a service wants to its handlers: in the order of the log, each until it is handled, from where
// it stopped. Every process that runs the service may start one: one of them works, chosen by a lease, and another
// takes over when that one is gone. What a crash cuts off is handled again.
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenDatabase } from '../database/open-database.ts';
import type { Lease } from '../database/sql-connection.ts';
import { AppError } from '../errors.ts';
import { failureFacts } from '../logging/failure-facts.ts';
import type { Logger } from '../subgraph/context.ts';
import { type ConsumerDatabase, findPosition, resetPosition, savePosition } from './consumer-store.ts';
import type { EventHandlers, LogEvent } from './event.ts';
import type { EventFeed } from './feed.ts';
import { type LogDatabase, readLog } from './log.ts';

export interface ConsumerOptions {
  readonly database: OpenDatabase;
  readonly feed: EventFeed;
  readonly service: string;
  readonly handlers: EventHandlers;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** How long to wait for another consumer's end, or after a failure: milliseconds, 2,000 unless told. */
  readonly pollMs?: number;
  /** Before a handler is tried again; grows twofold up to a minute. Milliseconds, 500 unless told. */
  readonly retryMs?: number;
  /** How often to note events that the service does not want: milliseconds, 60,000 unless told. */
  readonly unsavedMs?: number;
  /** How long `close` waits for a handler: milliseconds, 8,000 unless told. */
  readonly closeMs?: number;
}

export interface Consumer {
  /** Takes no more events, and waits for the one that is being handled. */
  close(): Promise<void>;
}

const longestRetryMs = 60_000;
const savePauseMs = 1_000;
/** Of no interest to the service; so many at most, or those of so long, are looked at again after a restart. */
const unsavedAtMost = 1_000n;
const unsavedMs = 60_000;

export function startConsumer(options: ConsumerOptions): Consumer {
  return new LeasedConsumer(options);
}

class LeasedConsumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #closing = new AbortController();
  readonly #positions: ConsumerDatabase;
  readonly #log: LogDatabase;
  readonly #done: Promise<void>;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#positions = options.database.forService('events');
    this.#log = options.database.forService('events');
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const patience = new AbortController();
    const tooLate = pause(this.#options.closeMs ?? 8_000, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#done, tooLate]);
    patience.abort();
  }

  async #run(): Promise<void> {
    const { database, service, log, pollMs = 2_000 } = this.#options;
    const { signal } = this.#closing;
    let failing = false;
    while (!signal.aborted) {
      try {
        const lease = await database.tryLease(`consumer of ${service}`);
        if (lease !== undefined) {
          if (failing) log.info({}, 'events are handled again');
          failing = false;
          await this.#work(lease);
        }
      } catch (error) {
        if (!failing) log.warn({ err: error }, 'events cannot be handled; trying again');
        failing = true;
      }
      await pause(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  async #work(lease: Lease): Promise<void> {
    try {
      await this.#follow(AbortSignal.any([lease.lost, this.#closing.signal]));
    } finally {
      await lease.release();
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { service, log } = this.#options;
    const after = (await findPosition(this.#positions, service)) ?? (await this.#beginning());
    try {
      await this.#followFrom(after, signal);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'RESYNC_REQUIRED')) throw error;
      log.error(
        { service, after: after.toString() },
        'the log lacks events that were not handled; going on with what it has',
      );
      await resetPosition(this.#positions, service, await this.#beginning());
    }
  }

  async #followFrom(after: bigint, signal: AbortSignal): Promise<void> {
    const { feed, handlers } = this.#options;
    const types = new Set(Object.keys(handlers));
    let [saved, seen] = [after, after];
    // A service that nothing happens to must not seem to need old events: they would be kept for it.
    const saving = setInterval(() => {
      const reached = seen;
      if (reached <= saved) return;
      void savePosition(this.#positions, this.#options.service, reached).then(
        () => {
          if (saved < reached) saved = reached;
        },
        () => {},
      );
    }, this.#options.unsavedMs ?? unsavedMs).unref();
    try {
      for await (const { events, upTo } of feed.follow({ after, types, signal })) {
        for (const event of events) {
          if (!(await this.#handle(event, signal))) return;
          saved = event.position;
        }
        seen = upTo;
        if (upTo - saved < unsavedAtMost) continue;
        await this.#save(upTo, signal);
        saved = upTo;
      }
    } finally {
      clearInterval(saving);
    }
  }

  /** Before the oldest event that the log still has. */
  async #beginning(): Promise<bigint> {
    return (await readLog(this.#log.db, 0n, 1)).oldest - 1n;
  }

  /** Tries until it is handled and that is saved; false when the signal came first. */
  async #handle(event: LogEvent, signal: AbortSignal): Promise<boolean> {
    const { handlers, service, log, retryMs = 500 } = this.#options;
    const { id, type, position } = event;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await handlers[type]?.(event);
        await this.#save(position, signal);
        return true;
      } catch (error) {
        const facts = { service, event: { id, type, position: position.toString() }, attempt };
        // The 1st, 2nd, 4th, 8th … time.
        if (Number.isInteger(Math.log2(attempt))) {
          log.error({ ...facts, failure: failureFacts(error) }, 'an event cannot be handled; later ones wait for it');
        }
        await pause(Math.min(retryMs * 2 ** (attempt - 1), longestRetryMs), undefined, { signal }).catch(() => {});
      }
    }
    return false;
  }

  /** Once the database takes it: what is handled is not handled again because of a database that went away since. */
  async #save(position: bigint, signal: AbortSignal): Promise<void> {
    const { service, log } = this.#options;
    for (let failures = 0; failures === 0 || !signal.aborted; failures += 1) {
      try {
        await savePosition(this.#positions, service, position);
        return;
      } catch (error) {
        if (failures === 0) log.warn({ err: error, service }, 'a handled event cannot be noted; trying again');
        await pause(savePauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }
}
