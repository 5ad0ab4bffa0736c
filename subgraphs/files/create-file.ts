// Registers a file: what is known of it, the key for its bytes and its first token, before the bytes come over HTTP.
import { newId } from '../../platform/ids.ts';
import type { Sealing } from '../../platform/sealing.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import { requireFileName, requireMimeType, requireTags } from './file-input.ts';
import type { MasterKeys, WrappedKey } from './master-keys.ts';
import type { FileModel, FileTokenModel } from './models.ts';
import type { FileStore } from './store.ts';
import { newToken, openedToken } from './tokens/new-token.ts';

export interface CreateFileInput {
  readonly name: string;
  /** `application/octet-stream` unless told. */
  readonly mimeType?: string;
  readonly tags?: readonly string[];
}

export interface CreateFileParts {
  readonly store: FileStore;
  readonly masterKeys: Pick<MasterKeys, 'newFileKey'>;
  /** Of tokens. */
  readonly sealing: Sealing;
}

export interface CreatedFile {
  readonly file: FileModel;
  /** `FULL`. */
  readonly token: FileTokenModel;
}

/** BAD_USER_INPUT names the field at fault. */
export async function createFile(
  input: CreateFileInput,
  creator: UserIdentity,
  { store, masterKeys, sealing }: CreateFileParts,
): Promise<CreatedFile> {
  const id = newId();
  const { file, token } = newFile(input, creator, { id, fileKey: masterKeys.newFileKey(id), sealing });
  const created = await store.create(file, token);
  return { file: created.file, token: openedToken(created.token, sealing) };
}

export interface NewFileParts {
  readonly id: string;
  readonly fileKey: WrappedKey;
  readonly sealing: Sealing;
}

/** The rows of a new file, and of its first token. BAD_USER_INPUT names the field at fault. */
export function newFile(input: CreateFileInput, creator: UserIdentity, { id, fileKey, sealing }: NewFileParts) {
  const name = requireFileName(input.name, 'input.name');
  const mimeType = requireMimeType(input.mimeType ?? 'application/octet-stream', 'input.mimeType');
  const tags = requireTags(input.tags ?? [], 'input.tags');
  const { wrappedKey, masterKeyId } = fileKey;
  const { userId: creatorId, applicationId = null } = creator;
  return {
    file: { id, name, mimeType, tags, creatorId, applicationId, wrappedKey, masterKeyId },
    token: newToken({ fileId: id, accessLevel: 'FULL', creatorId }, sealing),
  };
}
