// Ends a token at once: the next request with it finds nothing.
import { requireId } from '../../../platform/ids.ts';
import type { UserIdentity } from '../../../platform/subgraph/context.ts';
import type { HandlingParts } from '../handled-file.ts';
import { mayHandleTokens, requireFullToken, unknownToken } from './require-token.ts';

export interface RevokeFileTokenInput {
  readonly tokenId: string;
  readonly fullToken?: string | null;
}

/** The id of the token that is gone. NOT_FOUND (2605), FORBIDDEN (2606), ILLEGAL_STATE (2607) for the last `FULL` token. */
export async function revokeFileToken(
  input: RevokeFileTokenInput,
  viewer: UserIdentity,
  parts: HandlingParts,
): Promise<string> {
  const tokenId = requireId(input.tokenId, 'input.tokenId');
  const fileId = await findHandledFileId(tokenId, input.fullToken ?? undefined, { ...parts, viewer });
  if (fileId === undefined || !(await parts.tokens.revoke(tokenId, fileId))) throw unknownToken('input.tokenId');
  return tokenId;
}

/** The file whose tokens the viewer may handle; who may not does not learn which tokens there are. */
async function findHandledFileId(
  tokenId: string,
  fullToken: string | undefined,
  { tokens, viewer }: HandlingParts & { readonly viewer: UserIdentity },
): Promise<string | undefined> {
  if (fullToken !== undefined) return (await requireFullToken(fullToken, 'input.fullToken', tokens)).file.id;
  const file = await tokens.findFileOf(tokenId);
  return file !== undefined && mayHandleTokens(file, viewer) ? file.id : undefined;
}
