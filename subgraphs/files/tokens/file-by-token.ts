// The file that a token gives access to, as its bearer sees it.

import type { Identity } from '../../../platform/identity/identity.ts';
import { isSignedIn } from '../../../platform/identity/identity.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { FileModel } from '../models.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import type { TokenStore } from './token-store.ts';

export interface FileByTokenParts {
  readonly tokens: Pick<TokenStore, 'findByToken'>;
  readonly settings: Pick<SettingsStore, 'findSettings'>;
  /** A file that the viewer sees without a token. */
  readonly findVisible: (fileId: string) => Promise<FileModel | null>;
}

/** Undefined for a token that is not good. UNAUTHENTICATED, unless people who are not signed in may use tokens. */
export async function findFileByToken(
  token: string,
  viewer: Identity,
  { tokens, settings, findVisible }: FileByTokenParts,
): Promise<FileModel | undefined> {
  await requireMayUseTokens(viewer, settings);
  const found = await tokens.findByToken(token);
  if (found === undefined) return undefined;
  if (found.accessLevel === 'FULL') return { ...found.file, through: 'fullToken', token };
  // A token takes nothing away from who sees the file anyway.
  return (await findVisible(found.file.id)) ?? { ...found.file, through: 'readToken', token };
}

/** UNAUTHENTICATED for who is not signed in, unless operators let tokens be used by anybody. */
export async function requireMayUseTokens(
  viewer: Identity,
  settings: Pick<SettingsStore, 'findSettings'>,
): Promise<void> {
  if (isSignedIn(viewer) || (await settings.findSettings()).anonymousTokens) return;
  requireUser(viewer);
}
