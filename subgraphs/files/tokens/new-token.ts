// Makes tokens of files: opaque random text, of which the database holds a hash to find it by and a sealed copy to show
// it again to whoever may see all files.
import { createHash, randomBytes } from 'node:crypto';
import { newId } from '../../../platform/ids.ts';
import type { Sealing } from '../../../platform/sealing.ts';
import type { FileAccessLevel, FileTokenModel, FileTokenRow } from '../models.ts';

export type NewToken = Pick<
  FileTokenRow,
  'id' | 'fileId' | 'hash' | 'sealed' | 'creatorId' | 'expiresAt' | 'singleUse'
> & {
  readonly accessLevel: FileAccessLevel;
};

export interface WantedToken {
  readonly fileId: string;
  readonly accessLevel: FileAccessLevel;
  /** Who makes it. */
  readonly creatorId: string;
  /** Never, unless told. */
  readonly expiresAt?: Date | null;
  readonly singleUse?: boolean;
}

export function newToken({ expiresAt = null, singleUse = false, ...wanted }: WantedToken, sealing: Sealing): NewToken {
  const token = `cgf_${randomBytes(32).toString('base64url')}`;
  return { ...wanted, id: newId(), hash: hashToken(token), sealed: sealing.seal(token), expiresAt, singleUse };
}

/** SHA-256 in hexadecimal. Tokens are 256 random bits, so nothing slower is needed. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The row with its secret opened. */
export function openedToken(
  row: Omit<FileTokenRow, 'hash' | 'usedAt' | 'updatedAt'>,
  sealing: Sealing,
): FileTokenModel {
  const { id, fileId, expiresAt, singleUse, createdAt, creatorId } = row;
  const accessLevel = row.accessLevel as FileAccessLevel;
  return { id, fileId, expiresAt, singleUse, createdAt, creatorId, accessLevel, token: sealing.open(row.sealed) };
}
