// How long a workflow may look at patterns: each check has a limit of its own, but forty of them add up.
import { withinBudget } from '../json/bounded-run.ts';
import { dataFault } from '../schemas/schema-checks.ts';

/** For all checks of one workflow together. */
const workflowMilliseconds = 1_000;

/** What `work` returns or throws; BAD_USER_INPUT naming the data when its checks took too long. */
export function withinPatternTime<T>(field: string, work: () => T): T {
  const outcome = withinBudget(workflowMilliseconds, work);
  if ('value' in outcome) return outcome.value;
  throw dataFault(field, 'takes too long to check against the patterns.');
}
