// Answers that are kept until something happens that they depend on. Whether one is good is decided by who reads it, by
// what this gateway knows of the log; where it knows too little, nothing that is kept is given.
import { newId } from '../../platform/ids.ts';
import type { Answer } from '../execution/executor.ts';
import { PreparedData } from '../execution/prepared-data.ts';
import type { CachePolicy } from './cache-policy.ts';
import type { ChangesHere } from './changes-here.ts';
import type { AnswerStore, KeptAnswer } from './kept-answer.ts';
import { largestKept } from './kept-answer.ts';
import type { LogWatch, Sight } from './log-watch.ts';
import { ofService, ofTopic } from './log-watch.ts';
import type { Outcome } from './run-query.ts';

/** How things stood before an answer was asked for. */
export interface Before {
  readonly since: bigint | undefined;
  readonly changes: number;
}

/** `bypass`: it cannot be told. */
export type Found = { readonly answer: Answer } | 'miss' | 'bypass';

export interface ResponseCache {
  /** What is kept under the first of these names that has something good for this user. */
  find(names: readonly string[], userId: string | undefined): Promise<Found>;
  before(): Before;
  /** Never rejects. The outcome must be whole, and not personal. */
  keep(name: string, outcome: Outcome, before: Before, policy: CachePolicy): void;
}

export interface ResponseCacheParts {
  readonly store: AnswerStore;
  readonly watch: Pick<LogWatch, 'look' | 'position'>;
  readonly changes: ChangesHere;
}

/** Decides on what everybody sees, whatever is asked for. */
const decidesOnRights = 'users';

export function createResponseCache({ store, watch, changes }: ResponseCacheParts): ResponseCache {
  const itself = newId();

  function isGood(kept: KeptAnswer, userId: string | undefined, sight: Sight): boolean {
    // Of changes that were made here it holds what was made before it was asked for.
    const holdsOwnChanges = kept.keptBy === itself && kept.changes === changes.count;
    if (!holdsOwnChanges && !sight.hasSeenOwnChanges()) return false;
    if (userId !== undefined && kept.notFor.includes(userId)) return false;
    return sight.isCurrent(kept.since, kept.dependsOn);
  }

  return {
    async find(names, userId) {
      const sight = await watch.look();
      if (sight === undefined) return 'bypass';
      for (const name of names) {
        const kept = await store.find(name).catch(() => 'away' as const);
        if (kept === 'away') return 'bypass';
        // As things stand after it was read: a change may have been made meanwhile.
        if (kept !== undefined && isGood(kept, userId, sight)) return { answer: { data: new PreparedData(kept.data) } };
      }
      return 'miss';
    },
    before: () => ({ since: watch.position(), changes: changes.count }),
    keep(name, { answer: { data }, notFor, asked }, { since, changes: madeBefore }, policy) {
      if (data === undefined || since === undefined || data.text.length > largestKept) return;
      const answer = {
        data: data.text,
        since,
        dependsOn: dependencies(policy, asked),
        notFor: [...notFor],
        keptBy: itself,
        changes: madeBefore,
      };
      void store.keep(name, answer, policy.maxAge);
    },
  };
}

function dependencies({ services, topics }: CachePolicy, asked: ReadonlySet<string>): string[] {
  const others = [...asked].filter((service) => !services.includes(service));
  const own = topics === undefined ? services.map(ofService) : topics.map(ofTopic);
  return [...new Set([...own, ...others.map(ofService), ofService(decidesOnRights)])];
}
