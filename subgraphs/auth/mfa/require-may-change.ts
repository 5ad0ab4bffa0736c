// Whose second factors a caller may change: their own, and anybody's with the permission. Either way the caller has just
// entered their own password.
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import { forbidden, notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import { requirePresence } from './presence.ts';

export interface ChangeInput {
  /** Absent: the caller. */
  readonly userId?: string | null | undefined;
  readonly presenceToken: string;
}

/**
 * The id of the user. FORBIDDEN for somebody else without UPDATE_USER_MFA_SETTINGS, INVALID_PRESENCE_TOKEN, NOT_FOUND
 * for a user who does not exist.
 */
export async function requireMayChange(
  parts: AuthParts,
  { identity, now }: Pick<Context, 'identity' | 'now'>,
  input: ChangeInput,
): Promise<string> {
  const caller = requireUser(identity);
  const userId = input.userId == null ? caller.userId : requireId(input.userId, 'input.userId');
  const isSelf = userId === caller.userId;
  if (!isSelf && !holdsEverywhere(identity, 'UPDATE_USER_MFA_SETTINGS')) throw forbidden('UPDATE_USER_MFA_SETTINGS');
  await requirePresence(parts, { userId: caller.userId, presenceToken: input.presenceToken, now });
  if (!isSelf && !(await parts.users.exists(userId))) throw notFound('User', 'input.userId');
  return userId;
}
