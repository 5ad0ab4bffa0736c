// An answer that is kept, and the two places where it can be: the memory of this gateway, or Redis for all of them.
export interface KeptAnswer {
  /** JSON text of `data`. */
  readonly data: string;
  /** The position of the log before it was asked for. */
  readonly since: bigint;
  /** What of the log it depends on. */
  readonly dependsOn: readonly string[];
  /** The ids of users of whom it does not hold. */
  readonly notFor: readonly string[];
  /** Which gateway has kept it, and how many changes had been made through that one before it was asked for. */
  readonly keptBy: string;
  readonly changes: number;
}

export interface AnswerStore {
  /** Undefined where there is none, or none that could be read. Rejects when the store is away. */
  find(key: string): Promise<KeptAnswer | undefined>;
  /** Never rejects: what cannot be kept is asked for again. */
  keep(key: string, answer: KeptAnswer, seconds: number): Promise<void>;
  close(): void;
}

/** Characters. Larger answers are not kept. */
export const largestKept = 1_000_000;
