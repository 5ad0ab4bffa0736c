// Collects the entries of the access log and hands them to the service that keeps it, many at once. While that one is
// away they wait here, up to a bounded number; what waits when the gateway ends is kept for its next start.
import { setTimeout as pause } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';
import type { AccessEntry } from '../../platform/access-log/access-entry.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';
import { findWaiting, keepWaiting } from './waiting-entries.ts';

export interface AccessLog {
  record(entry: AccessEntry): void;
  /** Hands in what waits, for a bounded time; what is left then is kept on disk. */
  close(): Promise<void>;
}

export interface AccessLogParts {
  readonly services: ServiceClient;
  readonly registry: Registry;
  /** Where entries are kept that could not be handed in before the end. */
  readonly dataDir: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Entries that wait at most; 20,000 unless told. */
  readonly mostWaiting?: number;
}

/** For installations without it. */
export const noAccessLog: AccessLog = { record: () => undefined, close: async () => undefined };

/** Milliseconds that an entry waits for others. */
const gatherMilliseconds = 500;
const atOnce = 500;
const longestPause = 30_000;
const closeMilliseconds = 5_000;

const recordAccess = 'mutation RecordAccess($entries: [JSON!]!) { recordAccess(entries: $entries) }';

export function startAccessLog(parts: AccessLogParts): AccessLog {
  return new GatheringLog(parts);
}

class GatheringLog implements AccessLog {
  readonly #parts: AccessLogParts;
  readonly #most: number;
  readonly #dropped: Counter;
  readonly #closing = new AbortController();
  #waiting: AccessEntry[] = [];
  #work: Promise<void> | undefined;

  constructor(parts: AccessLogParts) {
    this.#parts = parts;
    this.#most = parts.mostWaiting ?? 20_000;
    const waiting = () => this.#waiting.length;
    new Gauge({
      name: 'caregraph_access_log_waiting',
      help: 'Entries of the access log that are not stored yet',
      registers: [parts.registry],
      collect() {
        this.set(waiting());
      },
    });
    void this.#handInLeftOvers();
    this.#dropped = new Counter({
      name: 'caregraph_access_log_dropped_total',
      help: 'Entries of the access log that are lost, because too many waited for their service',
      registers: [parts.registry],
    });
  }

  record(entry: AccessEntry): void {
    this.#waiting.push(entry);
    if (this.#waiting.length > this.#most) this.#drop();
    this.#begin();
  }

  #begin(): void {
    this.#work ??= this.#handIn().finally(() => {
      this.#work = undefined;
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.race([this.#work, pause(closeMilliseconds, undefined, { ref: false })]);
    if (this.#waiting.length === 0) return;
    const { dataDir, log } = this.#parts;
    const entries = this.#waiting.length;
    await keepWaiting(dataDir, this.#waiting).then(
      () => log.warn({ entries }, 'entries of the access log wait for the next start'),
      (error: unknown) => log.error({ err: error, entries }, 'entries of the access log are lost'),
    );
  }

  async #handInLeftOvers(): Promise<void> {
    const { entries, done } = await findWaiting(this.#parts.dataDir);
    if (entries.length === 0) return;
    this.#waiting.unshift(...entries);
    this.#begin();
    await this.#work;
    const left = new Set(this.#waiting);
    if (!entries.some((entry) => left.has(entry))) await done();
  }

  /** The oldest tenth, so that this is rare. */
  #drop(): void {
    const lost = this.#waiting.splice(0, Math.ceil(this.#most / 10)).length;
    this.#dropped.inc(lost);
    this.#parts.log.error({ entries: lost }, 'entries of the access log are lost: too many wait for their service');
  }

  async #handIn(): Promise<void> {
    await this.#pause(gatherMilliseconds);
    for (let failures = 0; this.#waiting.length > 0; ) {
      const entries = this.#waiting.slice(0, atOnce);
      try {
        await this.#parts.services.call('events', { query: recordAccess, variables: { entries } });
        failures = 0;
        const stored = new Set(entries);
        this.#waiting = this.#waiting.filter((entry) => !stored.has(entry));
      } catch (error) {
        failures += 1;
        if (failures === 1) this.#parts.log.warn({ err: error }, 'the access log cannot be written; trying again');
        if (this.#closing.signal.aborted) return;
        await this.#pause(Math.min(500 * 2 ** failures, longestPause));
      }
    }
  }

  /** Over at once when the gateway ends. */
  async #pause(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }
}
