// The file that a mutation is about: named by its id, for whom the mutation allows it, or by a `FULL` token.
import { invalidInput, notFound } from '../../platform/errors.ts';
import { requireId } from '../../platform/ids.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import type { FileAccess } from './file-access.ts';
import type { FileModel } from './models.ts';
import { requireFullToken } from './tokens/require-token.ts';
import type { TokenStore } from './tokens/token-store.ts';

export interface NamedFile {
  readonly fileId: string | null | undefined;
  readonly token: string | null | undefined;
  /** What the token is called in the input. */
  readonly tokenField: 'token' | 'fullToken';
}

export interface HandlingParts {
  readonly access: FileAccess;
  readonly tokens: TokenStore;
}

export interface Handling {
  readonly viewer: UserIdentity;
  /** Throws unless the viewer, who sees the file, may do it without a token. */
  readonly requireMayWithoutToken: (file: FileModel) => void;
}

/** BAD_USER_INPUT for neither or both, NOT_FOUND for what the viewer does not see and unknown tokens, FORBIDDEN. */
export async function requireHandledFile(
  { fileId, token, tokenField }: NamedFile,
  { access, tokens }: HandlingParts,
  { viewer, requireMayWithoutToken }: Handling,
): Promise<FileModel> {
  const given = { fileId: fileId ?? undefined, token: token ?? undefined };
  if (given.token !== undefined && given.fileId === undefined) {
    return (await requireFullToken(given.token, `input.${tokenField}`, tokens)).file;
  }
  if (given.fileId === undefined || given.token !== undefined) {
    throw invalidInput('input', `give either fileId or ${tokenField}.`);
  }
  const [file] = await access.findVisible([requireId(given.fileId, 'input.fileId')], viewer);
  if (!file) throw notFound('File', 'input.fileId');
  requireMayWithoutToken(file);
  return file;
}
