// The keys of files, each wrapped by a master key: without the row that holds a wrapped key, or without its master key,
// nobody can read the bytes.
import { randomBytes } from 'node:crypto';
import { decrypt, encrypt } from '../../platform/authenticated-encryption.ts';
import type { FileKeyConfig } from '../../platform/config.ts';
import { deriveKey } from '../../platform/derive-key.ts';
import { invariant } from '../../platform/errors.ts';
import { idBytes } from '../../platform/ids.ts';
import { DamagedBytes } from './damaged-bytes.ts';

/** What the row of a file says of its key. */
export interface FileKeyRow {
  readonly id: string;
  readonly wrappedKey: string | null;
  readonly masterKeyId: string | null;
}

export interface WrappedKey {
  readonly wrappedKey: string;
  readonly masterKeyId: string;
}

export interface MasterKeys {
  /** The id of the one that wraps. */
  readonly currentId: string;
  /** The ids of those that can unwrap, the current one among them. */
  readonly ids: readonly string[];
  /** A random key for a file, and how to keep it. */
  newFileKey(fileId: string): WrappedKey & { readonly key: Buffer };
  /** The key of a file that has one. Throws MissingMasterKey, or DamagedBytes when it does not fit the file. */
  open(file: FileKeyRow): Buffer;
  /** The same; undefined for a file that was stored before there was encryption. */
  openIfEncrypted(file: FileKeyRow): Buffer | undefined;
  /** The same key under the current master key. */
  rewrap(file: FileKeyRow): WrappedKey;
}

export interface MasterKeyOptions {
  /** The first wraps. Undefined: the one that is derived from the service secret does. */
  readonly fileKeys: readonly FileKeyConfig[] | undefined;
  readonly serviceSecret: string;
}

/** A file's key is wrapped by a master key that the configuration does not name (any more). */
export class MissingMasterKey extends Error {
  override readonly name = 'MissingMasterKey';

  constructor(masterKeyId: string) {
    super(`There is no master key of files with the id ${masterKeyId}`);
  }
}

/** The one that every installation has; it goes on unwrapping when others are configured later. */
export const serviceKeyId = 'service';

export function createMasterKeys({ fileKeys = [], serviceSecret }: MasterKeyOptions): MasterKeys {
  const keys = new Map<string, Uint8Array>(fileKeys.map(({ id, key }) => [id, key]));
  keys.set(serviceKeyId, deriveKey(serviceSecret, 'master key of files'));
  const ids = [...keys.keys()];
  const currentId = ids[0] ?? serviceKeyId;

  const masterKey = (id: string): Uint8Array => {
    const key = keys.get(id);
    if (key === undefined) throw new MissingMasterKey(id);
    return key;
  };
  const wrap = (fileId: string, key: Buffer): WrappedKey => ({
    wrappedKey: encrypt(key, masterKey(currentId), idBytes(fileId)).toString('base64'),
    masterKeyId: currentId,
  });
  const open = (file: FileKeyRow): Buffer => {
    const { id, wrappedKey, masterKeyId } = file;
    invariant(wrappedKey !== null && masterKeyId !== null, 'the file has a key');
    const key = masterKey(masterKeyId);
    try {
      return decrypt(Buffer.from(wrappedKey, 'base64'), key, idBytes(id));
    } catch (error) {
      throw new DamagedBytes(id, `its key does not open with the master key ${masterKeyId}`, { cause: error });
    }
  };
  return {
    currentId,
    ids,
    newFileKey(fileId) {
      const key = randomBytes(32);
      return { key, ...wrap(fileId, key) };
    },
    open,
    openIfEncrypted: (file) => (file.wrappedKey === null ? undefined : open(file)),
    rewrap: (file) => wrap(file.id, open(file)),
  };
}
