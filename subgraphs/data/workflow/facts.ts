// What a workflow has to know of other services. The engine asks for facts as if they were all known; what is not is
// collected, so that whoever runs it can learn everything at once and run it again.

/** That a user is or was a patient of a group. */
export interface PatientEnlistment {
  readonly groupId: string;
  /** Epoch milliseconds; undefined: it does not end by itself. */
  readonly expiresAt: number | undefined;
}

/** An enlistment ends by itself, without anybody removing it. */
export function isActive({ expiresAt }: PatientEnlistment, now: number): boolean {
  return expiresAt === undefined || expiresAt > now;
}

export interface Facts {
  userExists(id: string): boolean;
  groupExists(id: string): boolean;
  /** False for a user who has been deleted. */
  isThere(userId: string): boolean;
  /** None for a user who is gone. */
  patientEnlistments(userId: string): readonly PatientEnlistment[];
}

/** What was learned so far. */
export interface KnownFacts {
  readonly users: Map<string, boolean>;
  readonly groups: Map<string, boolean>;
  /** Null: the user is gone. */
  readonly patients: Map<string, readonly PatientEnlistment[] | null>;
}

export function noFacts(): KnownFacts {
  return { users: new Map(), groups: new Map(), patients: new Map() };
}

/** Thrown instead of a result that would rest on guesses. Names everything that was asked in vain. */
export class FactsNeeded extends Error {
  override readonly name = 'FactsNeeded';
  readonly needs: { readonly [K in keyof KnownFacts]: ReadonlySet<string> };

  constructor(needs: FactsNeeded['needs']) {
    super('Facts of other services are needed');
    this.needs = needs;
  }
}

/**
 * What `work` returns or throws, when it rests on known facts alone; else FactsNeeded. So that one round learns as much
 * as it can, work goes on with a guess: everybody exists, and nobody is a patient.
 */
export function onKnownFacts<T>(known: KnownFacts, work: (facts: Facts) => T): T {
  const needs = { users: new Set<string>(), groups: new Set<string>(), patients: new Set<string>() };
  const look = <V>(kind: keyof KnownFacts, id: string, guess: V): V => {
    const value = known[kind].get(id) as V | undefined;
    if (value === undefined) needs[kind].add(id);
    return value === undefined ? guess : value;
  };
  const facts: Facts = {
    userExists: (id) => look('users', id, true),
    groupExists: (id) => look('groups', id, true),
    isThere: (id) => look<readonly PatientEnlistment[] | null>('patients', id, []) !== null,
    patientEnlistments: (id) => look<readonly PatientEnlistment[] | null>('patients', id, []) ?? [],
  };
  const guessed = () => needs.users.size + needs.groups.size + needs.patients.size > 0;
  let value: T;
  try {
    value = work(facts);
  } catch (error) {
    throw guessed() ? new FactsNeeded(needs) : error;
  }
  if (guessed()) throw new FactsNeeded(needs);
  return value;
}
