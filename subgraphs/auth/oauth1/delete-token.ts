// Revokes a token of OAuth 1 by ending its session: one's own, or anybody's with DELETE_AUTHORIZATIONS.
import { toWhere } from '../../../platform/access/condition-where.ts';
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import { ownOr } from '../owned-rows.ts';
import { endSessions } from '../sessions/end-session.ts';
import type { Viewer } from '../sessions/list-sessions.ts';

/** The id that it had. NOT_FOUND for somebody else's, too, and for one that was revoked. */
export async function deleteToken(database: AuthDatabase, { identity, now }: Viewer, tokenId: string): Promise<string> {
  requireUser(identity);
  const id = requireId(tokenId, 'input.id');
  const revocable = toWhere(ownOr(identity, 'DELETE_AUTHORIZATIONS'));
  await database.write(async (tx) => {
    const ended = await endSessions(tx, { AND: [{ oauth1Token: { is: { id } } }, revocable] }, now);
    if (ended.length === 0) throw notFound('Token', 'input.id');
  });
  return id;
}
