// Deletes a file for good: with its row goes the key of its bytes, so that from then on nobody can read them.
import { AppError, notFound } from '../../platform/errors.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import { type HandlingParts, requireHandledFile } from './handled-file.ts';
import type { FileModel } from './models.ts';
import type { FileStore } from './store.ts';

export interface DeleteFileInput {
  readonly fileId?: string | null;
  readonly token?: string | null;
}

/** The id of the file that is gone. BAD_USER_INPUT, NOT_FOUND, FORBIDDEN. */
export async function deleteFile(
  { fileId, token }: DeleteFileInput,
  viewer: UserIdentity,
  { store, ...parts }: HandlingParts & { readonly store: FileStore },
): Promise<string> {
  const file = await requireHandledFile({ fileId, token, tokenField: 'token' }, parts, {
    viewer,
    requireMayWithoutToken: (seen) => requireCreator(seen, viewer),
  });
  // Somebody else may have deleted it a moment ago.
  if ((await store.remove([file.id])) === 0) throw notFound('File');
  return file.id;
}

function requireCreator(file: FileModel, viewer: UserIdentity): void {
  if (file.creatorId === viewer.userId) return;
  throw new AppError('FORBIDDEN', 'Only the creator of a file, and whoever has a FULL token of it, may delete it.');
}
