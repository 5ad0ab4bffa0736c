// Revokes a token of OAuth 1 by ending its session: one's own, or anybody's with DELETE_AUTHORIZATIONS.
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import { endSessions } from '../sessions/end-session.ts';
import type { Viewer } from '../sessions/list-sessions.ts';

/** The id that it had. NOT_FOUND for somebody else's, too, and for one that was revoked. */
export async function deleteToken(database: AuthDatabase, { identity, now }: Viewer, tokenId: string): Promise<string> {
  const { userId } = requireUser(identity);
  const id = requireId(tokenId, 'input.id');
  const mine = holdsEverywhere(identity, 'DELETE_AUTHORIZATIONS') ? {} : { userId };
  await database.write(async (tx) => {
    const ended = await endSessions(tx, { oauth1Token: { is: { id } }, ...mine }, now);
    if (ended.length === 0) throw notFound('Token', 'input.id');
  });
  return id;
}
