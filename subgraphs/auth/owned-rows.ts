// What sessions, tokens and codes share: rows that belong to a user and an application.
import { all, always, type Condition, equals, isIn, related } from '../../platform/access/condition.ts';
import { toWhere, type Where } from '../../platform/access/condition-where.ts';
import type { Permission } from '../../platform/access/permissions.ts';
import { holdsEverywhere } from '../../platform/access/scope.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { requireId } from '../../platform/ids.ts';
import type { PageArguments } from '../../platform/paging/page.ts';

type Maybe<T> = T | null | undefined;

/** Who sees or revokes them: each user their own, and who holds one of the permissions all. On rows with `userId`. */
export function ownOr(identity: Identity, ...permissions: readonly Permission[]): Condition {
  return holdsEverywhere(identity, ...permissions) ? always : equals('userId', identity.userId);
}

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
