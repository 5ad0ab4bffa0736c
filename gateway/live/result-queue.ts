// The results that a subscriber has not taken yet: a bounded number of them. Who fills it can wait for room.
import type { AppError } from '../../platform/errors.ts';
import type { LiveResult } from './live-subscriptions.ts';

type Item = IteratorResult<LiveResult, undefined>;
interface Taker {
  resolve(item: Item): void;
  reject(error: AppError): void;
}

const done: Item = { done: true, value: undefined };

export class ResultQueue {
  readonly #most: number;
  #results: LiveResult[] = [];
  readonly #takers: Taker[] = [];
  readonly #fillers: (() => void)[] = [];
  #ended = false;
  #error: AppError | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** False, without taking it, when it is full. Does nothing after the end. */
  push(result: LiveResult): boolean {
    if (this.#ended) return true;
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.resolve({ done: false, value: result });
    else if (this.#results.length >= this.#most) return false;
    else this.#results.push(result);
    return true;
  }

  /** The next result; after the last one what ended it. */
  take(): Promise<Item> {
    const result = this.#results.shift();
    if (this.#results.length <= this.#most / 2) this.#tellFillers();
    if (result !== undefined) return Promise.resolve({ done: false, value: result });
    if (this.#ended) return this.#over();
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  /** Resolves when at most half of it is full, or when it has ended. */
  async room(): Promise<void> {
    if (this.#ended || this.#results.length <= this.#most / 2) return;
    await new Promise<void>((resolve) => this.#fillers.push(resolve));
  }

  /** Nothing comes any more. `atOnce`: what has not been taken yet is not given out, either. */
  end(error: AppError | undefined, { atOnce }: { readonly atOnce: boolean }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    if (atOnce) this.#results = [];
    this.#tellFillers();
    for (const taker of this.#takers.splice(0)) this.#over().then(taker.resolve, taker.reject);
  }

  /** The error is told once. */
  async #over(): Promise<Item> {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    return done;
  }

  #tellFillers(): void {
    for (const resolve of this.#fillers.splice(0)) resolve();
  }
}
