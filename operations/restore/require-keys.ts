// The keys of a restored installation must be those of the one that the backup was taken of.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../platform/config.ts';
import { StartError } from '../../platform/start-error.ts';
import { findKeys, fingerprintsOf, type Keys, openKeys } from '../backup/keys.ts';
import type { Manifest } from '../backup/manifest.ts';

/** Those that the backup holds; undefined when it holds none. */
export async function readBackedUpKeys(
  folder: string,
  manifest: Manifest,
  passphrase: string | undefined,
): Promise<Keys | undefined> {
  const part = manifest.parts.keys;
  if (part === undefined || passphrase === undefined) return undefined;
  return openKeys(await readFile(join(folder, part.file), 'utf8'), passphrase);
}

/**
 * Throws unless the configuration has the keys that the backup needs. Answers what is to be kept in DATA_DIR because no
 * SERVICE_SECRET is set, as an all-in-one installation does.
 */
export async function requireKeys(
  manifest: Manifest,
  config: Config,
  backedUp: Keys | undefined,
): Promise<{ readonly secretToKeep: string | undefined }> {
  const own = await findKeys(config);
  const fileKeys = Object.fromEntries(
    (config.fileKeys ?? []).map(({ id, key }) => [id, Buffer.from(key).toString('base64')] as const),
  );
  const used = own ?? (backedUp === undefined ? undefined : { serviceSecret: backedUp.serviceSecret, fileKeys });
  if (used === undefined) {
    throw new StartError(
      'SERVICE_SECRET is needed: the one of the installation that the backup was taken of, or BACKUP_PASSPHRASE where the backup holds it. Nothing was restored.',
    );
  }
  const fingerprints = fingerprintsOf(used);
  if (fingerprints.serviceSecret !== manifest.keys.serviceSecret) {
    throw new StartError(
      'SERVICE_SECRET is not the one of the installation that the backup was taken of: files and sealed secrets could not be read. Nothing was restored.',
    );
  }
  // The one that comes from the service secret needs no setting.
  const needed = manifest.neededFileKeys.filter((id) => id !== 'service');
  const wrong = needed.filter((id) => fingerprints.fileKeys[id] !== manifest.keys.fileKeys[id]);
  if (wrong.length > 0) {
    throw new StartError(
      `FILE_KEYS does not have the keys of the installation that the backup was taken of: ${wrong.join(', ')}. Files could not be read. Nothing was restored.`,
    );
  }
  return { secretToKeep: own === undefined ? used.serviceSecret : undefined };
}

/** Where a program without SERVICE_SECRET looks for it. */
export async function keepSecret(dataDir: string, secret: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(join(dataDir, 'service-secret'), `${secret}\n`, { mode: 0o600, flag: 'wx' });
}

/** As lines of a file of environment variables. */
export async function writeKeys(file: string, { serviceSecret, fileKeys }: Keys): Promise<void> {
  const listed = Object.entries(fileKeys).map(([id, key]) => `${id}:${key}`);
  const lines = [`SERVICE_SECRET=${serviceSecret}`, ...(listed.length === 0 ? [] : [`FILE_KEYS=${listed.join(',')}`])];
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
}
