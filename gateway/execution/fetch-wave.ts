// Fetches of one operation that ask the same subgraph the same thing about different entities, at the same depth of the
// plan, are one request. Fetches that are ready at the same moment always meet. One whose partners are still on their
// way waits for them, but at most a quarter of the time that the operation has taken so far, and never longer than a few
// milliseconds: a branch that is fast is not held up by a slow one, and branches of about the same speed meet.

/** What a member wants to know: representations, as text. */
export type Wanted = readonly string[];

export interface WaveAnswer<T> {
  readonly answer: T;
  /** Where in the request the representation of a member stands. */
  readonly placeOf: ReadonlyMap<string, number>;
  /** How many fetches became one request. */
  readonly members: number;
  /** Whether several members ask about this place. They stand at different places of the plan, and must not share. */
  isShared(place: number): boolean;
}

const longestWaitMilliseconds = 5;

export class Wave<T = unknown> {
  readonly #send: (representations: Wanted) => Promise<T>;
  readonly #startedAt: number;
  #awaited: number;
  #waiting: { wanted: Wanted; resolve: (answer: Promise<WaveAnswer<T>>) => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `members`: how many fetches of the plan are in this wave. */
  constructor(members: number, startedAt: number, send: (representations: Wanted) => Promise<T>) {
    this.#awaited = members;
    this.#startedAt = startedAt;
    this.#send = send;
  }

  join(wanted: Wanted): Promise<WaveAnswer<T>> {
    return new Promise((resolve) => {
      this.#waiting.push({ wanted, resolve });
      this.#arrived();
    });
  }

  /** A member has nothing to ask. */
  pass(): void {
    this.#arrived();
  }

  #arrived(): void {
    this.#awaited -= 1;
    if (this.#awaited <= 0) this.#flush();
    else if (this.#waiting.length > 0 && this.#timer === undefined) {
      const patience = (performance.now() - this.#startedAt) / 4;
      this.#timer = setTimeout(() => this.#flush(), Math.min(patience, longestWaitMilliseconds));
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const members = this.#waiting;
    if (members.length === 0) return;
    this.#waiting = [];
    const placeOf = new Map<string, number>();
    const shared = new Set<number>();
    for (const { wanted } of members) {
      for (const representation of wanted) {
        const known = placeOf.get(representation);
        if (known === undefined) placeOf.set(representation, placeOf.size);
        else shared.add(known);
      }
    }
    const isShared = (place: number) => shared.has(place);
    const answer = this.#send([...placeOf.keys()]).then((answer) => ({
      answer,
      placeOf,
      members: members.length,
      isShared,
    }));
    for (const { resolve } of members) resolve(answer);
  }
}
