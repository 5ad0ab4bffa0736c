// The access token that a live connection stands on: who its viewer is at each moment, when the token ends, and the one
// that takes its place. Whoever owns the connection asks `check` with each beat (pulse.ts).
import type { Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import type { ClientFacts } from '../access-log/record-live.ts';
import type { AuthenticateConnection, ConnectedCaller } from '../authenticate.ts';
import type { LiveClient } from './live-subscriptions.ts';

/** How long before its end a token is warned of: milliseconds, or half of its life where that is shorter. */
const warningMilliseconds = 60_000;

/** Beats (seconds) that a client has for handing in the next token, after a refresh or the end of the last one. */
export const renewalBeats = 10;

/** `expiring` is said once for each token. */
export type SessionState = 'good' | 'expiring' | 'expired';

export interface LiveSessionOptions {
  readonly authenticate: AuthenticateConnection;
  readonly isSessionOpen: (sessionId: string) => Promise<boolean>;
  readonly now: Clock;
}

interface Token extends ConnectedCaller {
  readonly authorization: string | undefined;
  /** Epoch milliseconds. */
  readonly warnAt: number;
}

export class LiveSession implements LiveClient {
  readonly facts: ClientFacts;
  readonly #options: LiveSessionOptions;
  #token: Token;
  #warned = false;
  #awaited: AwaitedToken | undefined;
  /** For the next one of this nobody waits a second time. */
  #givenUp: Token | undefined;

  private constructor(options: LiveSessionOptions, token: Token, facts: ClientFacts) {
    this.facts = facts;
    this.#options = options;
    this.#token = token;
  }

  /** Throws UNAUTHENTICATED when the credentials are not good. None at all are nobody's, and never end. */
  static async open(
    options: LiveSessionOptions,
    authorization: string | undefined,
    facts: ClientFacts,
  ): Promise<LiveSession> {
    const holder = await options.authenticate(authorization);
    return new LiveSession(options, tokenOf(authorization, holder, options.now()), facts);
  }

  /** As of the newest token: whose connection it is, and not what they may do by now. */
  get caller(): Caller {
    return this.#token.caller;
  }

  /** When the newest token ends. Undefined: nobody is signed in. */
  get expiresAt(): Date | undefined {
    return this.#token.expiresAt;
  }

  /**
   * A token that its client has just refreshed is worth nothing any more, and the next one comes in a moment: as long as
   * the session goes on, what asks waits for it, for a bounded time. Nothing is delivered meanwhile.
   */
  async authenticate(): Promise<Caller> {
    const token = this.#token;
    try {
      return (await this.#options.authenticate(token.authorization)).caller;
    } catch (error) {
      if (token === this.#token && !(await this.#wasRefreshed(error))) throw error;
      if (token === this.#token) await this.#nextToken(error);
      return this.authenticate();
    }
  }

  /** Goes on with another token of the same user. Throws UNAUTHENTICATED, or FORBIDDEN when it is somebody else's. */
  async renew(authorization: string): Promise<void> {
    const holder = await this.#options.authenticate(authorization);
    const { userId } = this.#token.caller.identity;
    if (userId === undefined || holder.caller.identity.userId !== userId) {
      throw new AppError('FORBIDDEN', 'The new access token is not of the user who opened the connection.');
    }
    this.#token = tokenOf(authorization, holder, this.#options.now());
    this.#warned = false;
    this.#awaited?.resolve();
  }

  check(): SessionState {
    this.#awaited?.beat();
    const { expiresAt, warnAt } = this.#token;
    const now = this.#options.now();
    if (expiresAt === undefined || now < warnAt) return 'good';
    if (now >= expiresAt.getTime()) return 'expired';
    if (this.#warned) return 'good';
    this.#warned = true;
    return 'expiring';
  }

  /** The connection is over: nobody hands in a token any more. */
  close(): void {
    this.#awaited?.giveUp();
  }

  async #wasRefreshed(error: unknown): Promise<boolean> {
    const { sessionId } = this.#token.caller;
    const isUnknown = error instanceof AppError && error.code === 'UNAUTHENTICATED' && error.details?.code === 117;
    if (!isUnknown || sessionId === undefined || this.#token === this.#givenUp) return false;
    return this.#options.isSessionOpen(sessionId);
  }

  async #nextToken(error: unknown): Promise<void> {
    const awaited = this.#awaited ?? new AwaitedToken();
    this.#awaited = awaited;
    const came = await awaited.came;
    if (this.#awaited === awaited) this.#awaited = undefined;
    if (came) return;
    this.#givenUp = this.#token;
    throw error;
  }
}

/** A token that is on its way, for as many beats as clients get to hand it in. */
class AwaitedToken {
  readonly came: Promise<boolean>;
  #settle: (came: boolean) => void = () => undefined;
  #beats = 0;

  constructor() {
    this.came = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  beat(): void {
    this.#beats += 1;
    if (this.#beats > renewalBeats) this.giveUp();
  }

  resolve(): void {
    this.#settle(true);
  }

  giveUp(): void {
    this.#settle(false);
  }
}

function tokenOf(authorization: string | undefined, holder: ConnectedCaller, now: number): Token {
  const end = holder.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return { ...holder, authorization, warnAt: end - Math.min(warningMilliseconds, (end - now) / 2) };
}
