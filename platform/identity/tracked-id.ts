// The own id of somebody who is any member of an access class: nobody knows which, so whoever compares or reads it is
// noted. What is noted tells for which members an answer holds (access-class.ts).
import { randomUUID } from 'node:crypto';

/** What an answer that was given to an access class depends on. */
export interface Tracking {
  /** It may be another for each member: the own id was read. */
  readonly personal: boolean;
  /** For all but these members it holds. */
  readonly comparedWith: readonly string[];
}

/** What is said of an answer that nothing is known of. */
export const untracked: Tracking = { personal: true, comparedWith: [] };

export class TrackedId {
  /** What has the same value for all callers of one class, for those who keep something by class. */
  readonly of: object;
  readonly #standIn = randomUUID();
  readonly #comparedWith = new Set<string>();
  #personal = false;

  constructor(of: object) {
    this.of = of;
  }

  /** An id that nobody has. What is done with it nobody can know, so the answer is personal from now on. */
  reveal(): string {
    this.#personal = true;
    return this.#standIn;
  }

  /** The own id was looked for among these: the outcome holds for members who are not among them. */
  comparedWith(ids: Iterable<string>): void {
    for (const id of ids) this.#comparedWith.add(id);
  }

  /** What was noted elsewhere, for a part of the answer. */
  note({ personal, comparedWith }: Tracking): void {
    if (personal) this.#personal = true;
    this.comparedWith(comparedWith);
  }

  get tracking(): Tracking {
    return { personal: this.#personal, comparedWith: [...this.#comparedWith] };
  }

  /** Nothing of it belongs into text. */
  toJSON(): string {
    return 'own';
  }
}
