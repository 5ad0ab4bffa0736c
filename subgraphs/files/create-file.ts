// Registers a file: what is known of it, before its bytes come over HTTP.
import { newId } from '../../platform/ids.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import { requireFileName, requireMimeType, requireTags } from './file-input.ts';
import type { FileModel } from './models.ts';
import type { FileStore } from './store.ts';

export interface CreateFileInput {
  readonly name: string;
  /** `application/octet-stream` unless told. */
  readonly mimeType?: string;
  readonly tags?: readonly string[];
}

/** BAD_USER_INPUT names the field at fault. */
export function createFile(input: CreateFileInput, creator: UserIdentity, store: FileStore): Promise<FileModel> {
  return store.create({
    id: newId(),
    name: requireFileName(input.name, 'input.name'),
    mimeType: requireMimeType(input.mimeType ?? 'application/octet-stream', 'input.mimeType'),
    tags: requireTags(input.tags ?? [], 'input.tags'),
    creatorId: creator.userId,
  });
}
