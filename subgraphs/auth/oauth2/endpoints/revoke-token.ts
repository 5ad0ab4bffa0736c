// Token revocation (RFC 7009): a client that lets go of a token. Whether there was such a token, it does not learn.
import type { AuthParts } from '../../auth-parts.ts';
import { endSession } from '../../sessions/end-session.ts';
import { deleteAccessToken, findToken } from '../token-store.ts';
import { requireClient, type TokenRequest } from './client-credentials.ts';
import { requireParameter } from './parameters.ts';

/**
 * A refresh token takes everything with it that came of the same sign-in; an access token goes alone. A token of another
 * application stays as it is.
 */
export async function revokeToken(parts: AuthParts, request: TokenRequest, now: number): Promise<void> {
  const client = await requireClient(parts, request);
  const token = requireParameter(request.parameters, 'token');
  await parts.database.write(async (tx) => {
    const found = await findToken(tx.db, token);
    if (found === null || found.applicationId !== client.applicationId) return;
    const { id, kind, sessionId, userId } = found;
    if (kind === 'refresh') return endSession(tx, { id: sessionId, userId }, now);
    if ((await deleteAccessToken(tx.db, { id })) === null) return;
    tx.publish({ type: 'oauth2_token_deleted', content: { userId, tokenId: id } });
    tx.bumpAccess([userId]);
  });
}
