// Lists of codes and tokens of OAuth 2: what the viewer may see of them, newest first unless told.

import { listRows } from '../../../platform/paging/list-rows.ts';
import type { Connection } from '../../../platform/paging/page.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import type { OAuth2AccessTokenModel, OAuth2AuthorizationModel, OAuth2RefreshTokenModel } from '../models.ts';
import { type AuthorizationListArguments, authorizationListing, ownRow, sessionOfRow } from '../owned-rows.ts';
import { authorizationRows } from './store.ts';
import { accessTokenRows, refreshTokenRows } from './token-store.ts';
import { type Viewer, visibleAccessTokens, visibleCodes, visibleRefreshTokens } from './visible-tokens.ts';

export async function listAuthorizations(
  { db }: AuthDatabase,
  viewer: Viewer,
  args: AuthorizationListArguments,
): Promise<Connection<OAuth2AuthorizationModel>> {
  return listRows(db, authorizationRows, authorizationListing(args, visibleCodes(viewer), ownRow));
}

export async function listAccessTokens(
  { db }: AuthDatabase,
  viewer: Viewer,
  args: AuthorizationListArguments,
): Promise<Connection<OAuth2AccessTokenModel>> {
  return listRows(db, accessTokenRows, authorizationListing(args, visibleAccessTokens(viewer), sessionOfRow));
}

export async function listRefreshTokens(
  { db }: AuthDatabase,
  viewer: Viewer,
  args: AuthorizationListArguments,
): Promise<Connection<OAuth2RefreshTokenModel>> {
  return listRows(db, refreshTokenRows, authorizationListing(args, visibleRefreshTokens(viewer), sessionOfRow));
}
