// What /readyz answers: each part that a process needs, checked now, with what is missing named.

/** Rejects when the part is not usable. */
export interface Check {
  (): Promise<unknown>;
  /** The process works without this part, only less well: it is shown, and makes the process no less ready. */
  readonly dispensable?: true;
}

export function dispensable(check: () => Promise<unknown>): Check {
  return Object.assign(() => check(), { dispensable: true } as const);
}

type FaultState = 'unavailable' | 'starting' | 'ending' | 'refused';

/** What a check rejects with that has more to say than that the part is unavailable. */
export class PartFault extends Error {
  override readonly name = 'PartFault';
  readonly state: FaultState;

  constructor(state: FaultState) {
    super(state);
    this.state = state;
  }
}

export interface Readiness {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, 'ok' | FaultState>>;
}

const checkMilliseconds = 2_000;

export async function readiness(checks: Readonly<Record<string, Check>>): Promise<Readiness> {
  const parts = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const state = await within(checkMilliseconds, check).then(
        () => 'ok' as const,
        (error: unknown) => (error instanceof PartFault ? error.state : 'unavailable'),
      );
      return [name, state] as const;
    }),
  );
  const ready = parts.every(([name, state]) => state === 'ok' || checks[name]?.dispensable === true);
  return { ready, parts: Object.fromEntries(parts) };
}

async function within(milliseconds: number, check: Check): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), milliseconds);
  });
  try {
    await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}
