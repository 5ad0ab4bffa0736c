// Revokes codes and tokens of OAuth 2 by their ids: one's own, or with the permission anybody's.
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import { endSession } from '../sessions/end-session.ts';
import { deleteCode } from './store.ts';
import { deleteAccessToken, findRefreshTokenSession } from './token-store.ts';
import { deletableAccessTokens, deletableCodes, deletableRefreshTokens, type Viewer } from './visible-tokens.ts';

const field = 'input.id';

/** Answers the id. NOT_FOUND for one that was redeemed, too. */
export async function deleteAuthorization(database: AuthDatabase, viewer: Viewer, given: string): Promise<string> {
  const id = requireId(given, field);
  await database.write(async (tx) => {
    const userId = await deleteCode(tx.db, { AND: [{ id }, deletableCodes(viewer)] });
    if (userId === null) throw notFound('Authorization', field);
    tx.publish({ type: 'oauth2_authorization_deleted', content: { userId, authorizationId: id } });
  });
  return id;
}

/** Answers the id. The refresh token stays: it gives new ones. */
export async function deleteToken(database: AuthDatabase, viewer: Viewer, given: string): Promise<string> {
  const id = requireId(given, field);
  await database.write(async (tx) => {
    const userId = await deleteAccessToken(tx.db, { AND: [{ id }, deletableAccessTokens(viewer)] });
    if (userId === null) throw notFound('Token', field);
    tx.publish({ type: 'oauth2_token_deleted', content: { userId, tokenId: id } });
    tx.bumpAccess([userId]);
  });
  return id;
}

/** Answers the id. Ends the session, which can have no other refresh token, and so all its access tokens. */
export async function deleteRefreshToken(database: AuthDatabase, viewer: Viewer, given: string): Promise<string> {
  const id = requireId(given, field);
  await database.write(async (tx) => {
    const session = await findRefreshTokenSession(tx.db, { AND: [{ id }, deletableRefreshTokens(viewer)] });
    if (session === null) throw notFound('Token', field);
    await endSession(tx, session, viewer.now);
  });
  return id;
}
