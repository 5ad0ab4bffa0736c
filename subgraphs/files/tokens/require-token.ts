// What a token that somebody shows must be, and who may handle the tokens of a file.
import { holdsEverywhere } from '../../../platform/access/scope.ts';
import { AppError } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import type { FileModel } from '../models.ts';
import type { FoundToken, TokenStore } from './token-store.ts';

/** Unknown, expired, used up or revoked, or of a file that is gone: one answer for all. */
export function unknownToken(field?: string): AppError {
  const place = field === undefined ? '' : `${field}: `;
  const message = `${place}there is no such token, or it is not good any more.`;
  return new AppError('NOT_FOUND', message, field === undefined ? { code: 2605 } : { field, code: 2605 });
}

/** What a `FULL` token gives access to. NOT_FOUND (2605), or FORBIDDEN (2606) for a token that allows less. */
export async function requireFullToken(
  token: string,
  field: string,
  tokens: Pick<TokenStore, 'findByToken'>,
): Promise<FoundToken> {
  const found = await tokens.findByToken(token);
  if (found === undefined) throw unknownToken(field);
  if (found.accessLevel === 'FULL') return found;
  throw new AppError('FORBIDDEN', `${field}: this needs a FULL token, and the token given is READ.`, {
    field,
    code: 2606,
  });
}

/** Without a `FULL` token: the creator of the file may, and whoever may see all files and their tokens. */
export function mayHandleTokens(file: FileModel, viewer: Identity): boolean {
  return (viewer.userId !== undefined && file.creatorId === viewer.userId) || holdsEverywhere(viewer, 'VIEW_FILES');
}

/** Who handles the tokens of a file sees them. */
export function maySeeTokens(file: FileModel, viewer: Identity): boolean {
  return file.through === 'fullToken' || mayHandleTokens(file, viewer);
}
