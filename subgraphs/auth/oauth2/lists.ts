// Lists of codes and tokens of OAuth 2: what the viewer may see of them, newest first.

import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { OAuth2AccessTokenModel, OAuth2AuthorizationModel, OAuth2RefreshTokenModel } from '../models.ts';
import { type OwnedArguments, ownedBy } from '../owned-rows.ts';
import { authorizationRows } from './store.ts';
import { accessTokenRows, refreshTokenRows } from './token-store.ts';
import { type Viewer, visibleAccessTokens, visibleCodes, visibleRefreshTokens } from './visible-tokens.ts';

export async function listAuthorizations(
  { db }: AuthDatabase,
  viewer: Viewer,
  args: OwnedArguments,
): Promise<Connection<OAuth2AuthorizationModel>> {
  return listRows(db, authorizationRows, { args, where: { AND: [visibleCodes(viewer), ownedBy(args)] } });
}

export async function listAccessTokens(
  { db }: AuthDatabase,
  viewer: Viewer,
  args: OwnedArguments,
): Promise<Connection<OAuth2AccessTokenModel>> {
  const where = { AND: [visibleAccessTokens(viewer), ownedBy(args, 'its session')] };
  return listRows(db, accessTokenRows, { args, where });
}

export async function listRefreshTokens(
  { db }: AuthDatabase,
  viewer: Viewer,
  args: OwnedArguments,
): Promise<Connection<OAuth2RefreshTokenModel>> {
  const where = { AND: [visibleRefreshTokens(viewer), ownedBy(args, 'its session')] };
  return listRows(db, refreshTokenRows, { args, where });
}
