// The file that somebody is about to upload the bytes of: who may, and what the upload needs to know.
import { AppError, notFound } from '../../platform/errors.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import type { FileAccess } from './file-access.ts';
import type { MasterKeys } from './master-keys.ts';
import type { FileModel } from './models.ts';
import type { UploadStore } from './upload-store.ts';

/** NOT_FOUND for who may not see the file, FORBIDDEN for who did not create it. */
export async function requireOwnFile(fileId: string, uploader: UserIdentity, access: FileAccess): Promise<FileModel> {
  const [file] = await access.findVisible([fileId], uploader);
  if (!file) throw notFound('File');
  if (file.creatorId === uploader.userId) return file;
  throw new AppError('FORBIDDEN', 'Only the creator of a file may upload its bytes.');
}

export function awaitsBytes(file: FileModel): boolean {
  return file.status === 'AWAITING_BYTES';
}

/** ILLEGAL_STATE: the file is complete. */
export function hasBytes(): AppError {
  return new AppError(
    'ILLEGAL_STATE',
    'The bytes of this file have arrived already; they never change. Create a new file.',
  );
}

export type KeyOf = (file: FileModel) => Promise<Buffer>;

/** The key that the bytes of a file are encrypted with; made now for a file from before there was encryption. */
export function createKeyOf(masterKeys: MasterKeys, uploads: Pick<UploadStore, 'keepKey'>): KeyOf {
  return async (file) => {
    if (file.wrappedKey !== null) return masterKeys.open(file);
    const { wrappedKey, masterKeyId } = masterKeys.newFileKey(file.id);
    return masterKeys.open({ id: file.id, ...(await uploads.keepKey(file.id, { wrappedKey, masterKeyId })) });
  };
}
