// Makes a token, so that a file can be handed on to whoever has the token.
import { forbidden, invalidInput, notFound } from '../../../platform/errors.ts';
import type { UserIdentity } from '../../../platform/subgraph/context.ts';
import { type HandlingParts, requireHandledFile } from '../handled-file.ts';
import type { FileAccessLevel, FileTokenModel } from '../models.ts';
import { mayHandleTokens } from './require-token.ts';

export interface CreateFileTokenInput {
  readonly fileId?: string | null;
  readonly fullToken?: string | null;
  /** `READ` unless told. */
  readonly accessLevel?: FileAccessLevel;
  /** Never, unless told. */
  readonly expiresAt?: Date | null;
  readonly singleUse?: boolean;
}

export interface TokenRequest {
  readonly viewer: UserIdentity;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, ILLEGAL_STATE. */
export async function createFileToken(
  input: CreateFileTokenInput,
  { viewer, now }: TokenRequest,
  parts: HandlingParts,
): Promise<FileTokenModel> {
  const { accessLevel = 'READ', expiresAt = null, singleUse = false } = input;
  if (expiresAt !== null && expiresAt.getTime() <= now) {
    throw invalidInput('input.expiresAt', 'this must be in the future.');
  }
  if (singleUse && accessLevel === 'FULL') {
    throw invalidInput('input.singleUse', 'READ tokens alone can be good for one download only.');
  }
  const named = { fileId: input.fileId, token: input.fullToken, tokenField: 'fullToken' } as const;
  const requireMayWithoutToken = requireMayHandle(viewer);
  const file = await requireHandledFile(named, parts, { viewer, requireMayWithoutToken });
  const wanted = { fileId: file.id, accessLevel, expiresAt, singleUse, creatorId: viewer.userId };
  const token = await parts.tokens.create(wanted);
  if (token === null) throw notFound('File');
  return token;
}

const requireMayHandle =
  (viewer: UserIdentity): Parameters<typeof requireHandledFile>[2]['requireMayWithoutToken'] =>
  (file) => {
    if (!mayHandleTokens(file, viewer)) throw forbidden('VIEW_FILES', 'or a FULL token of the file');
  };
