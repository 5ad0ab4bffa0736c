// The keys without which a restored installation cannot read its own data: what tells them from others, and how a backup
// keeps them. A copy is encrypted with a passphrase (scrypt, RFC 7914; AES-256-GCM).
import { createHash, randomBytes, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { decrypt, encrypt } from '../../platform/authenticated-encryption.ts';
import type { Config } from '../../platform/config.ts';
import { deriveKey } from '../../platform/derive-key.ts';
import { StartError } from '../../platform/start-error.ts';
import type { Manifest } from './manifest.ts';

export interface Keys {
  readonly serviceSecret: string;
  /** Those of FILE_KEYS in base64, by their ids, in their order. */
  readonly fileKeys: Readonly<Record<string, string>>;
}

const shortestPassphrase = 12;

/**
 * Those of the configuration; the secret that an all-in-one installation made for itself lies in its folder. Undefined
 * where there is no secret.
 */
export async function findKeys({ serviceSecret, fileKeys = [], dataDir }: Config): Promise<Keys | undefined> {
  const secret = serviceSecret ?? (await readKeptSecret(dataDir));
  if (secret === undefined) return undefined;
  const listed = fileKeys.map(({ id, key }) => [id, Buffer.from(key).toString('base64')] as const);
  return { serviceSecret: secret, fileKeys: Object.fromEntries(listed) };
}

async function readKeptSecret(dataDir: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataDir, 'service-secret'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

export function fingerprintsOf({ serviceSecret, fileKeys }: Keys): Manifest['keys'] {
  return {
    serviceSecret: fingerprint(serviceSecret),
    fileKeys: Object.fromEntries(Object.entries(fileKeys).map(([id, key]) => [id, fingerprint(key)])),
  };
}

/** Of a key derived for nothing else, and one way. */
function fingerprint(secret: string): string {
  return createHash('sha256').update(deriveKey(secret, 'fingerprint in backups')).digest('hex').slice(0, 32);
}

const sealedShape = z.object({ kdf: z.literal('scrypt'), cost: z.number(), salt: z.string(), sealed: z.string() });
const keysShape = z.object({ serviceSecret: z.string(), fileKeys: z.record(z.string(), z.string()) });
const usedCost = 2 ** 16;
const mostCost = 2 ** 20;

export async function sealKeys(keys: Keys, passphrase: string): Promise<Buffer> {
  if (passphrase.length < shortestPassphrase) {
    throw new StartError(`BACKUP_PASSPHRASE: at least ${shortestPassphrase} characters`);
  }
  const salt = randomBytes(16);
  const sealed = encrypt(Buffer.from(JSON.stringify(keys)), await stretch(passphrase, salt, usedCost));
  const content = { kdf: 'scrypt', cost: usedCost, salt: salt.toString('base64'), sealed: sealed.toString('base64') };
  return Buffer.from(`${JSON.stringify(content)}\n`);
}

export async function openKeys(content: string, passphrase: string): Promise<Keys> {
  const { cost, salt, sealed } = sealedShape.parse(JSON.parse(content));
  if (cost > mostCost) throw new StartError('The backup is damaged: its keys cannot be opened.');
  const key = await stretch(passphrase, Buffer.from(salt, 'base64'), cost);
  try {
    return keysShape.parse(JSON.parse(decrypt(Buffer.from(sealed, 'base64'), key).toString('utf8')));
  } catch {
    throw new StartError('BACKUP_PASSPHRASE is not the one that the keys of this backup were encrypted with.');
  }
}

function stretch(passphrase: string, salt: Buffer, N: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N, r: 8, p: 1, maxmem: 2 * 128 * N * 8 };
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
