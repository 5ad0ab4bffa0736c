// What the lists of sessions, tokens and codes share: rows that belong to a user and an application.
import { all, type Condition, isIn, related } from '../../platform/access/condition.ts';
import { toWhere, type Where } from '../../platform/access/condition-where.ts';
import { requireId } from '../../platform/ids.ts';
import type { PageArguments } from '../../platform/paging/page.ts';

type Maybe<T> = T | null | undefined;

/** The arguments of the lists of sessions, tokens and codes. */
export interface OwnedArguments extends PageArguments {
  readonly userId?: Maybe<string>;
  readonly applicationId?: Maybe<string>;
}

/** The filter that they ask for, on rows with these columns, or on rows with a session that has them. */
export function ownedBy({ userId, applicationId }: OwnedArguments, place: 'itself' | 'its session' = 'itself'): Where {
  const parts: Condition[] = [];
  if (typeof userId === 'string') parts.push(isIn('userId', [requireId(userId, 'userId')]));
  if (typeof applicationId === 'string') parts.push(isIn('applicationId', [requireId(applicationId, 'applicationId')]));
  const filter = all(...parts);
  return toWhere(place === 'itself' || parts.length === 0 ? filter : related('session', filter));
}
