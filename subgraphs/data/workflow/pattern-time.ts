// How long a write may look at patterns: each check has a limit of its own, but forty of them add up, and so do the
// rounds of a workflow that learns facts in between.
import type { Budget } from '../../../platform/bounded-run.ts';
import { withinBudget } from '../../../platform/bounded-run.ts';
import { dataFault } from '../schemas/schema-checks.ts';

/** For all checks of one write together, however often its workflow begins anew. */
const writeMilliseconds = 1_000;

/** What is left to one write. Make it when the write begins, and hand it to each of its rounds. */
export type PatternTime = Budget;

export function newPatternTime(): PatternTime {
  return { milliseconds: writeMilliseconds };
}

/** What `work` returns or throws; BAD_USER_INPUT naming the data when its checks took more than what was left. */
export function withinPatternTime<T>(left: PatternTime, field: string, work: () => T): T {
  const outcome = withinBudget(left, work);
  if ('value' in outcome) return outcome.value;
  throw dataFault(field, 'takes too long to check against the patterns.');
}
