// Spares those who need a service that does not answer the wait for it. A call that ran into its time, or into a service
// that has been away for longer than a restart takes, is a reason to ask the service something small; when that stays
// without an answer, too, the circuit opens: calls fail at once, and one small question at a time finds out when the service
// is back.
import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { isNotReached } from './lost-calls.ts';

export interface CircuitBreaker {
  /** Open: calls fail at once. */
  readonly isOpen: boolean;
  /** `send` is given a signal to stop waiting by, where the call only reads. */
  call<T>(
    call: { readonly reads: boolean; readonly signal?: AbortSignal | undefined },
    send: (signal: Reading | undefined) => Promise<T>,
  ): Promise<T>;
  /** The service has answered something else. */
  noteAnswer(): void;
  close(): void;
}

export interface CircuitBreakerOptions {
  readonly service: string;
  /** Asks the service something small, over a connection of its own. Rejects when it does not answer. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
  readonly onChange?: (isOpen: boolean) => void;
  /** Between two questions: milliseconds, 250 unless told. */
  readonly probeMilliseconds?: number;
}

const timedOut: ReadonlySet<unknown> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  return new Breaker(options);
}

class Breaker implements CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #closing = new AbortController();
  /** Calls that read, and wait. */
  readonly #reading = new Set<Reading>();
  #isOpen = false;
  #suspicion: Promise<void> | undefined;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async call<T>(
    { reads, signal }: { readonly reads: boolean; readonly signal?: AbortSignal | undefined },
    send: (signal: Reading | undefined) => Promise<T>,
  ): Promise<T> {
    if (this.#isOpen) throw this.#unavailable();
    try {
      // A change that is under way may still be made: whoever has asked for it hears what became of it, if anybody does.
      return reads ? await this.#read(signal, send) : await send(undefined);
    } catch (error) {
      if (signal?.aborted !== true && isReason(error)) this.#suspect();
      throw error;
    }
  }

  noteAnswer(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#options.onChange?.(false);
  }

  close(): void {
    this.#closing.abort();
  }

  async #read<T>(signal: AbortSignal | undefined, send: (signal: Reading) => Promise<T>): Promise<T> {
    const reading = new Reading();
    const stop = () => reading.stop(signal?.reason);
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
    this.#reading.add(reading);
    try {
      return await send(reading);
    } catch (error) {
      const { reason } = reading;
      throw reason instanceof AppError ? reason : error;
    } finally {
      this.#reading.delete(reading);
      signal?.removeEventListener('abort', stop);
    }
  }

  /** One doubt is enough for all who have it at the same time. */
  #suspect(): void {
    this.#suspicion ??= this.#answers()
      .then((answers) => {
        if (!answers && !this.#closing.signal.aborted) this.#open();
      })
      .finally(() => {
        this.#suspicion = undefined;
      });
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#options.onChange?.(true);
    for (const reading of this.#reading) reading.stop(this.#unavailable());
    void this.#untilBack();
  }

  async #untilBack(): Promise<void> {
    const { probeMilliseconds = 250 } = this.#options;
    const { signal } = this.#closing;
    while (this.#isOpen && !signal.aborted) {
      await pause(probeMilliseconds, undefined, { signal, ref: false }).catch(() => undefined);
      if (await this.#answers()) this.noteAnswer();
    }
  }

  #answers(): Promise<boolean> {
    return this.#options.probe(this.#closing.signal).then(
      () => true,
      () => false,
    );
  }

  #unavailable(): AppError {
    const { service } = this.#options;
    return new AppError('SERVICE_UNAVAILABLE', `The service ${service} does not answer at present.`, { service });
  }
}

/** A call that reads, as what it waits by: undici takes an emitter for a signal, and one costs next to nothing. */
export class Reading extends EventEmitter {
  aborted = false;
  reason: unknown;

  stop(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.emit('abort');
  }
}

/** What is not reached is tried again for as long as a restart takes before it comes here. */
function isReason(error: unknown): boolean {
  return isNotReached(error) || timedOut.has((error as { code?: unknown }).code);
}
