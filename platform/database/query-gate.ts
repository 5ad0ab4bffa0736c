// Lets reads that can be slow through, few at a time and in turn between viewers, so that connections stay free for
// what is quick: writes, and reads by id. A request that has had its time begins no further one.
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';

/**
 * Runs the statement when it is its turn. A statement must not ask for another turn: it could wait for its own place.
 */
export type InTurn = <T>(statement: () => PromiseLike<T>) => Promise<T>;

export interface QueryGate {
  /** For one request. What has not begun when the request's time is over is refused with QUERY_TIMEOUT. */
  forRequest(viewer: string): InTurn;
  /** For what may take long as a whole, a short statement at a time: one of each viewer, however long it waits. */
  forStream(viewer: string): InTurn;
}

export interface QueryGateOptions {
  /** How many statements the database runs at once for this process. Half of them go through the gate. */
  readonly connections: number;
  readonly clock: Clock;
  /** From the moment when a request first asks for its turn; 10 seconds unless told. */
  readonly requestMilliseconds?: number;
}

/** Made once in a process. */
export function createQueryGate({ connections, clock, requestMilliseconds = 10_000 }: QueryGateOptions): QueryGate {
  const places = Math.max(1, Math.floor(connections / 2));
  // Half of the places: one viewer alone never keeps all others waiting.
  const share = Math.max(1, Math.floor(places / 2));
  const turns = new Turns(places, clock);
  return {
    forRequest(viewer) {
      let deadline: number | undefined;
      return (statement) => {
        deadline ??= clock() + requestMilliseconds;
        return turns.run({ line: `request ${viewer}`, most: share, deadline }, statement);
      };
    },
    forStream: (viewer) => (statement) =>
      turns.run({ line: `stream ${viewer}`, most: 1, deadline: undefined }, statement),
  };
}

interface Claim {
  /** Those in the same line are served in the order of arrival, and lines in turn. */
  readonly line: string;
  /** How many of the line run at once. */
  readonly most: number;
  /** When it is too late to begin. */
  readonly deadline: number | undefined;
}

interface Waiting extends Claim {
  begin(): void;
  refuse(): void;
}

class Turns {
  readonly #places: number;
  readonly #clock: Clock;
  #taken = 0;
  readonly #running = new Map<string, number>();
  /** The line whose turn is next comes first. */
  readonly #lines = new Map<string, Set<Waiting>>();

  constructor(places: number, clock: Clock) {
    this.#places = places;
    this.#clock = clock;
  }

  async run<T>(claim: Claim, statement: () => PromiseLike<T>): Promise<T> {
    await this.#enter(claim);
    try {
      return await statement();
    } finally {
      this.#leave(claim);
    }
  }

  async #enter(claim: Claim): Promise<void> {
    if (this.#isLate(claim)) throw tooLate();
    // With a place free, whoever waits has as many running as they may: nobody is overtaken.
    if (this.#taken < this.#places && this.#mayRun(claim)) this.#take(claim);
    else await this.#wait(claim);
  }

  /** Until the place is taken. */
  #wait(claim: Claim): Promise<void> {
    return new Promise((resolve, reject) => {
      const { deadline } = claim;
      const waiting: Waiting = {
        ...claim,
        begin: () => {
          clearTimeout(timer);
          resolve();
        },
        refuse: () => {
          clearTimeout(timer);
          reject(tooLate());
        },
      };
      const giveUp = () => {
        this.#remove(waiting);
        waiting.refuse();
      };
      // So that the answer does not wait for a place that it would not use.
      const timer = deadline === undefined ? undefined : setTimeout(giveUp, deadline - this.#clock());
      const line = this.#lines.get(claim.line) ?? new Set();
      this.#lines.set(claim.line, line.add(waiting));
    });
  }

  #leave(claim: Claim): void {
    this.#taken -= 1;
    const running = this.#runningOf(claim) - 1;
    if (running === 0) this.#running.delete(claim.line);
    else this.#running.set(claim.line, running);
    const next = this.#next();
    if (next === undefined) return;
    this.#take(next);
    next.begin();
  }

  /** Who gets the place that became free. One is enough: another free place is one that nobody waiting may take. */
  #next(): Waiting | undefined {
    for (const [name, line] of this.#lines) {
      for (const waiting of line) {
        if (!this.#mayRun(waiting)) break;
        this.#remove(waiting);
        if (this.#isLate(waiting)) {
          waiting.refuse();
          continue;
        }
        // To the end: the other lines are served first.
        if (this.#lines.delete(name)) this.#lines.set(name, line);
        return waiting;
      }
    }
    return undefined;
  }

  #remove(waiting: Waiting): void {
    const line = this.#lines.get(waiting.line);
    line?.delete(waiting);
    if (line?.size === 0) this.#lines.delete(waiting.line);
  }

  #take(claim: Claim): void {
    this.#taken += 1;
    this.#running.set(claim.line, this.#runningOf(claim) + 1);
  }

  #mayRun(claim: Claim): boolean {
    return this.#runningOf(claim) < claim.most;
  }

  #runningOf({ line }: Claim): number {
    return this.#running.get(line) ?? 0;
  }

  #isLate({ deadline }: Claim): boolean {
    return deadline !== undefined && this.#clock() >= deadline;
  }
}

function tooLate(): AppError {
  return new AppError('QUERY_TIMEOUT', undefined, { code: 21 });
}

/** What reads that can be slow are asked of. */
export interface SlowReads {
  $queryRaw<Rows>(statement: Prisma.Sql): Promise<Rows>;
}

/** The same reads, each when it is its turn. */
export function readsInTurn(db: SlowReads, inTurn: InTurn): SlowReads {
  return { $queryRaw: <Rows>(statement: Prisma.Sql) => inTurn(() => db.$queryRaw<Rows>(statement)) };
}
