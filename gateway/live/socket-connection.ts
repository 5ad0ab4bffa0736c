// What the gateway keeps of one WebSocket connection: its socket, its session, and the operations that run on it. Ends
// them when the access token ends, and in order when the gateway shuts down.
import type { IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { CloseCode } from 'graphql-ws';
import type { AppError, ErrorCode } from '../../platform/errors.ts';
import { expiredToken } from '../../platform/identity/identity-resolver.ts';
import { toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { InterruptibleResults } from './interruptible-results.ts';
import type { LiveSession } from './live-session.ts';
import { renewalBeats } from './live-session.ts';
import type { LiveSocket } from './live-socket.ts';
import type { Beating } from './pulse.ts';

/** RFC 6455 and IANA: the service restarts, connect again. */
const serviceRestart = 1012;
const tryAgainLater = 1013;

const closeCodes: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: CloseCode.Forbidden,
  FORBIDDEN: CloseCode.Forbidden,
  SERVICE_UNAVAILABLE: tryAgainLater,
};

export class SocketConnection implements Beating {
  readonly socket: LiveSocket;
  readonly request: IncomingMessage;
  /** From the moment it was acknowledged on. */
  session: LiveSession | undefined;
  readonly #log: Logger;
  /** By the payload that asked for it; null: a query or a mutation. */
  readonly #running = new Map<object, InterruptibleResults<unknown> | null>();
  #whenExecuted: () => void = () => undefined;
  #expiredFor = 0;
  #renewing = false;

  constructor(socket: LiveSocket, request: IncomingMessage, log: Logger) {
    this.socket = socket;
    this.request = request;
    this.#log = log;
    socket.answerPing = (payload) => this.#answerPing(payload);
  }

  get subscriptions(): number {
    return [...this.#running.values()].filter((results) => results !== null).length;
  }

  began(payload: object, results: InterruptibleResults<unknown> | null): void {
    this.#running.set(payload, results);
  }

  /** Its last message is sent in this turn. */
  ended(payload: object): void {
    this.#running.delete(payload);
    if (!this.#isExecuting) this.#whenExecuted();
  }

  /** Closes the socket: 4403 for what only other credentials would change, 1013 for what passes by itself. */
  refuse(error: AppError): void {
    this.socket.close(closeCodes[error.code] ?? CloseCode.InternalServerError, `${error.code}: ${error.message}`);
  }

  beat(): void {
    this.socket.beat();
    const state = this.session?.check();
    if (state === 'expiring') void this.socket.ping({ code: 'TOKEN_EXPIRING', ...this.#expiry });
    if (state === 'expired') this.#expire();
  }

  /** Lets queries and mutations finish, then tells the client to connect again. */
  async close(): Promise<void> {
    this.socket.drain();
    if (this.#isExecuting) {
      await new Promise<void>((resolve) => {
        this.#whenExecuted = resolve;
      });
      // The answer and its `complete` leave in the turn that ended the operation.
      await turn();
    }
    this.sendAway();
  }

  /** Whatever still runs. */
  sendAway(): void {
    this.socket.close(serviceRestart, 'Service restart');
  }

  #expire(): void {
    if (this.#expiredFor === 0) for (const results of this.#running.values()) results?.fail(expiredToken());
    this.#expiredFor += 1;
    if (this.#expiredFor > renewalBeats) this.refuse(expiredToken());
  }

  /** `{ authorization }` hands in a new access token. Undefined: any other Ping. */
  async #answerPing({
    authorization,
  }: Readonly<Record<string, unknown>>): Promise<Record<string, unknown> | undefined> {
    if (typeof authorization !== 'string') return undefined;
    // One at a time: a client that sends many makes no queue.
    if (this.session === undefined || this.#renewing) {
      return { code: this.session === undefined ? 'UNAUTHENTICATED' : 'CONFLICT' };
    }
    this.#renewing = true;
    try {
      await this.session.renew(authorization);
      this.#expiredFor = 0;
      return this.#expiry;
    } catch (error) {
      const refusal = toAppError(error, this.#log);
      if (refusal.code === 'FORBIDDEN') this.refuse(refusal);
      return { code: refusal.code };
    } finally {
      this.#renewing = false;
    }
  }

  get #expiry(): { readonly expiresAt?: string } {
    const end = this.session?.expiresAt;
    return end === undefined ? {} : { expiresAt: end.toISOString() };
  }

  get #isExecuting(): boolean {
    return [...this.#running.values()].includes(null);
  }
}
