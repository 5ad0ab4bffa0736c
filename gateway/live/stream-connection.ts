// What the gateway keeps of one stream of server-sent events: its session and the one operation that it carries. Ends it
// when the access token ends, and so that its client comes back when the gateway shuts down.
import { expiredToken } from '../../platform/identity/identity-resolver.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { stringifyResult } from '../execution/prepared-data.ts';
import type { EventStream } from './event-stream.ts';
import type { InterruptibleResults } from './interruptible-results.ts';
import type { LiveOperations, ReadyOperation, Refused } from './live-operations.ts';
import { refused } from './live-operations.ts';
import type { LiveSession } from './live-session.ts';
import type { LiveResult } from './live-subscriptions.ts';
import type { Beating } from './pulse.ts';

export interface StreamConnectionOptions {
  readonly stream: EventStream;
  readonly session: LiveSession;
  readonly operations: LiveOperations;
  readonly log: Logger;
}

export class StreamConnection implements Beating {
  readonly session: LiveSession;
  readonly #options: StreamConnectionOptions;
  #results: InterruptibleResults<LiveResult> | undefined;
  #work: Promise<void> = Promise.resolve();
  #over = false;

  constructor(options: StreamConnectionOptions) {
    this.session = options.session;
    this.#options = options;
  }

  get isSubscription(): boolean {
    return this.#results !== undefined;
  }

  /** Answers when the stream has ended. */
  run(ready: ReadyOperation | Refused): Promise<void> {
    this.#work = this.#run(ready);
    return this.#work;
  }

  /** The client is gone: everything upstream is freed at once. */
  gone(): void {
    this.#over = true;
    this.session.close();
    void this.#results?.return?.();
  }

  beat(): void {
    const { stream, session } = this.#options;
    stream.beat();
    const state = session.check();
    if (state === 'expiring') {
      stream.comment(JSON.stringify({ code: 'TOKEN_EXPIRING', expiresAt: session.expiresAt?.toISOString() }));
    }
    if (state === 'expired') this.#results?.fail(expiredToken());
  }

  /** A subscription is broken off after the result that is being sent; a query or mutation gets its answer. */
  async close(): Promise<void> {
    const { stream } = this.#options;
    if (this.#results === undefined) await this.#work;
    else {
      this.gone();
      stream.breakOff();
    }
    await stream.closed;
  }

  destroy(): void {
    this.#options.stream.destroy();
  }

  async #run(ready: ReadyOperation | Refused): Promise<void> {
    const { stream, operations, session } = this.#options;
    if ('errors' in ready) return this.#answer(ready);
    if (ready.operation.operation !== 'subscription') return this.#answer(await operations.execute(ready, session));
    const results = await operations.subscribe(ready, session);
    if ('errors' in results) return this.#answer(results);
    this.#results = results;
    // The client may have gone while it was opened.
    if (this.#over) return void results.return?.();
    try {
      for await (const { json } of results) {
        if (this.#over) return;
        await stream.next(json);
      }
      if (!this.#over) stream.complete();
    } catch (error) {
      if (!this.#over) await this.#answer(refused(error, this.#options.log));
    }
  }

  async #answer(result: object): Promise<void> {
    await this.#options.stream.next(stringifyResult(result));
    this.#options.stream.complete();
  }
}
