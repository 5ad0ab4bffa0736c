// Restores a backup into an empty installation. First everything is checked; then bytes come back, and last the
// database, so that nothing refers to what is not there.
import { join } from 'node:path';
import type { Config } from '../../platform/config.ts';
import type { SkippedPositions } from '../../platform/events/skip-positions.ts';
import { StartError } from '../../platform/start-error.ts';
import type { ByteStore } from '../../subgraphs/files/byte-store.ts';
import { createByteStore } from '../../subgraphs/files/create-byte-store.ts';
import { unpackBytes } from '../backup/bytes-archive.ts';
import { readVersion } from '../backup/create-backup.ts';
import type { DatabaseFacts } from '../backup/database-facts.ts';
import { type Manifest, readVerifiedManifest } from '../backup/manifest.ts';
import { beginAnew, toFinish } from './begin-anew.ts';
import { createDatabaseTarget } from './database-target.ts';
import { keepSecret, readBackedUpKeys, requireKeys } from './require-keys.ts';
import { requireKnownVersion } from './require-version.ts';

export interface RestoreOptions {
  readonly folder: string;
  readonly config: Config;
  /** What pg_restore inherits. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly passphrase: string | undefined;
  readonly tell: (line: string) => void;
}

export interface Restored extends Manifest {
  readonly skipped: SkippedPositions;
}

export async function restoreBackup({
  folder,
  config,
  environment,
  passphrase,
  tell,
}: RestoreOptions): Promise<Restored> {
  tell('Checking the backup …');
  const manifest = await readVerifiedManifest(folder);
  await requireKnownVersion(manifest, await readVersion());
  const backedUp = await readBackedUpKeys(folder, manifest, passphrase);
  const { secretToKeep } = await requireKeys(manifest, config, backedUp);
  const { databaseUrl, dataDir } = config;
  const target = createDatabaseTarget({ databaseUrl, dataDir, environment });
  await target.requireFit(manifest);

  const bytes = await createByteStore(config);
  try {
    await requireEmpty(bytes);
    tell('The bytes of files …');
    const objects = await unpackBytes(join(folder, manifest.parts.bytes.file), bytes);
    if (objects !== manifest.bytes.objects)
      throw new StartError(`The backup is damaged: ${objects} objects came back.`);
  } finally {
    bytes.close();
  }
  if (secretToKeep !== undefined) await keepSecret(dataDir, secretToKeep);
  tell('The database …');
  await target.restore(join(folder, manifest.parts.database.file));
  requireSame(manifest, await target.readFacts());
  const skipped = await beginAnew(config).catch((error: Error) => {
    throw new StartError(`${error.message}\nThe database is there, but not ready: ${toFinish}.`);
  });
  return { ...manifest, skipped };
}

async function requireEmpty(bytes: ByteStore): Promise<void> {
  for await (const page of bytes.list()) {
    if (page.length === 0) continue;
    throw new StartError('The store of files is not empty: name a new bucket or DATA_DIR. Nothing was restored.');
  }
}

function requireSame({ tables, position }: Manifest, found: DatabaseFacts): void {
  const names = new Set([...Object.keys(tables), ...Object.keys(found.tables)]);
  const different = [...names].filter((name) => tables[name] !== found.tables[name]);
  if (different.length === 0 && position === found.position) return;
  throw new StartError(
    `What was restored is not what was backed up: ${[...different, 'the log'].join(', ')}. Do not use it.`,
  );
}
