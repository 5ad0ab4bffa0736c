// The roles that the platform itself keeps: without them nobody could set anything right again.
import { AppError } from '../../../platform/errors.ts';
import { inRoleIds } from './require-role-right.ts';
import type { LockedRole } from './store.ts';

/** ILLEGAL_STATE naming the first of the ids given that is the platform's own. `what` says what cannot be done to it. */
export function refuseSystemRoles(given: readonly string[], roles: readonly LockedRole[], what: string): void {
  const own = roles.filter(({ systemKey }) => systemKey !== null).map(({ id }) => id);
  const index = given.findIndex((id) => own.includes(id.toLowerCase()));
  if (index === -1) return;
  const field = inRoleIds(index);
  throw new AppError('ILLEGAL_STATE', `${field}: the platform keeps this role itself: it cannot ${what}.`, {
    field,
    code: 27,
  });
}
