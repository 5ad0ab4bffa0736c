// Which account an operation is about, and whether the viewer may act on it: their own, or with a permission any.
import { isIn } from '../../platform/access/condition.ts';
import { toWhere } from '../../platform/access/condition-where.ts';
import type { Permission } from '../../platform/access/permissions.ts';
import { holdsEverywhere } from '../../platform/access/scope.ts';
import { forbidden, notFound } from '../../platform/errors.ts';
import { requireId } from '../../platform/ids.ts';
import { type UsersDatabase, userRows } from './store.ts';
import { type Viewer, visibleUser } from './visible.ts';

/**
 * The id in lower case. Without the permission, somebody else's account is FORBIDDEN to whoever sees that user, and not
 * found for others, like one that is not there. With it, or for oneself, the account may still be gone: `accountNotFound`.
 */
export async function requireAccount(
  database: UsersDatabase,
  viewer: Viewer,
  { userId, permission }: { readonly userId: string; readonly permission: Permission },
): Promise<string> {
  const id = requireId(userId, 'input.userId');
  if (id === viewer.identity.userId || holdsEverywhere(viewer.identity, permission)) return id;
  const where = { AND: [toWhere(isIn('id', [id])), toWhere(visibleUser(viewer))] };
  if ((await userRows.count(database.db, where)) === 0) throw accountNotFound();
  throw forbidden(permission, "for anybody's account but your own");
}

export function accountNotFound(): Error {
  return notFound('User', 'input.userId');
}
